package ctl

import "strings"

// namespec joins group and process: one name when they are the same.
func namespec(group, process string) string {
	if group == process {
		return process
	}
	return group + ":" + process
}

// splitNamespec is the reverse. whole is true for "group:*" and "group:",
// which mean every process of the group.
func splitNamespec(s string) (group, process string, whole bool) {
	group, process, ok := strings.Cut(s, ":")
	if !ok {
		return s, s, false
	}
	if process == "" || process == "*" {
		return group, "", true
	}
	return group, process, false
}
