package ctl

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readable is a value of the API for people: text as it is, the elements of an array one below the other, the
// members of a struct as "name: value" by name, what is in them indented. It ends with a line feed, unless it is
// nothing at all.
func readable(v any) string {
	var b strings.Builder
	switch v := v.(type) {
	case []any:
		writeList(&b, v, "")
	case map[string]any:
		writeMembers(&b, v, "", "")
	default:
		text := scalar(v)
		b.WriteString(text)
		if text != "" && !strings.HasSuffix(text, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case time.Time:
		return v.Format("2006-01-02 15:04:05")
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

func writeList(b *strings.Builder, list []any, indent string) {
	for _, e := range list {
		switch e := e.(type) {
		case []any:
			b.WriteString(indent + "-\n")
			writeList(b, e, indent+"  ")
		case map[string]any:
			writeMembers(b, e, indent+"- ", indent+"  ")
		default:
			b.WriteString(indent + inset(scalar(e), indent) + "\n")
		}
	}
}

// writeMembers writes a struct; the first line begins otherwise than the others.
func writeMembers(b *strings.Builder, members map[string]any, first, indent string) {
	if len(members) == 0 && first != indent {
		b.WriteString(strings.TrimRight(first, " ") + "\n")
	}
	begin := first
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch v := members[name].(type) {
		case []any:
			b.WriteString(begin + name + ":\n")
			writeList(b, v, indent+"  ")
		case map[string]any:
			b.WriteString(begin + name + ":\n")
			writeMembers(b, v, indent+"  ", indent+"  ")
		default:
			b.WriteString(strings.TrimRight(begin+name+": "+inset(scalar(v), indent+"  "), " ") + "\n")
		}
		begin = indent
	}
}

// inset indents all lines of a text but the first.
func inset(text, indent string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent)
}
