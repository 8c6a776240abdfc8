package config

var userTopic = Topic{
	Kind: "user", Suffix: named,
	Help: "Somebody who may ask, on every server (not in Supervisor). As soon as there is one of these sections every server asks who is there; " +
		"on a unix socket root and the daemon's own user are administrators by what the kernel says of them. One proof is " +
		"enough; the username and password of a server go on meaning an administrator.",
	Options: []Setting{
		{Name: "password", Type: "text", Example: "123", Help: "plain, {SHA} and hex digits, or the bcrypt hash that supervisorctl passwd makes"},
		{Name: "token", Type: "text", Example: "{SHA256}9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Help: "hash of a token that is sent as Authorization: Bearer; supervisorctl passwd --token makes one"},
		{Name: "certificate", Type: "text", Example: "deploy.example.com", Help: "common or DNS name in the client's certificate; it takes client_ca"},
		{Name: "uid", Type: "user", Example: "nobody", Help: "who is at the other end of a unix socket"},
		{Name: "role", Type: "role", Default: "read", Help: "read, operate (start, stop, signal, write to and clear logs of processes) or admin"},
		{Name: "groups", Type: "list", Example: "web, workers", Help: "groups that operate is limited to; all without it"},
	},
}
