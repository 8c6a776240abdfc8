package difftest

import "strings"

// reportLimit is how much of an outcome a report compares.
const reportLimit = 600

// Lines shows how two texts differ: lines that only want has with "-", those that only got has with "+", and dots for
// what they share.
func Lines(want, got string) string {
	a, b := cut(want), cut(got)
	// longest[i][j] is the length of the longest common sequence of a[i:] and b[j:].
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var out []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if len(out) == 0 || out[len(out)-1] != "  ..." {
				out = append(out, "  ...")
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[i+1][j] >= longest[i][j+1]:
			out = append(out, "- "+a[i])
			i++
		default:
			out = append(out, "+ "+b[j])
			j++
		}
	}
	return strings.Join(out, "\n")
}

func cut(text string) []string {
	lines := strings.Split(text, "\n")
	if len(lines) > reportLimit {
		lines = append(lines[:reportLimit], "(and more)")
	}
	for i, l := range lines {
		if len(l) > 400 {
			lines[i] = l[:400] + "(and more)"
		}
	}
	return lines
}
