package xmlrpc

// A Key is the name of a member, spelled once for the many structs in which
// it stands: it makes the hot answers half as expensive as the functions that
// take the name.
type Key struct{ integer, text string }

// NewKey spells a name; keys are made when the program starts.
func NewKey(name string) Key {
	head := string(appendMemberHead(nil, name)) + "<value>"
	return Key{head + "<int>", head + "<string>"}
}

// AppendInt appends a member with an integer, as AppendIntMember does.
func (k *Key) AppendInt(dst []byte, v int64) []byte {
	dst = append(dst, k.integer...)
	dst = appendInt(dst, v)
	return append(dst, "</int></value>\n</member>\n"...)
}

// AppendString appends a member with a string, as AppendStringMember does.
func (k *Key) AppendString(dst []byte, v string) []byte {
	dst = append(dst, k.text...)
	dst = appendText(dst, v)
	return append(dst, "</string></value>\n</member>\n"...)
}
