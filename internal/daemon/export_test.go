package daemon

// ServerURL lets tests see what children are told.
var ServerURL = serverURL
