package listener

import (
	"strconv"
	"unicode/utf8"
)

// Envelope appends what is written to a listener: the header line (EVT-002), then the payload and nothing after it.
// Its len counts characters, which is what listeners in Python read (EVT-003), or bytes when inBytes is set.
func Envelope(dst []byte, server, pool string, e Entry, inBytes bool) []byte {
	n := len(e.Payload)
	if !inBytes {
		n = utf8.RuneCount(e.Payload)
	}
	dst = append(dst, "ver:3.0 server:"...)
	dst = append(dst, server...)
	dst = append(dst, " serial:"...)
	dst = strconv.AppendUint(dst, e.Serial, 10)
	dst = append(dst, " pool:"...)
	dst = append(dst, pool...)
	dst = append(dst, " poolserial:"...)
	dst = strconv.AppendUint(dst, e.PoolSerial, 10)
	dst = append(dst, " eventname:"...)
	dst = append(dst, e.Type.String()...)
	dst = append(dst, " len:"...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, '\n')
	return append(dst, e.Payload...)
}
