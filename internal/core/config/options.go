package config

import "strings"

// Topic is one kind of section with its options. The table of topics is the one place that lists them: the sample, the
// reference and the warnings about unknown names are made from it.
type Topic struct {
	Kind    string // what stands before the colon: "program"
	Suffix  suffix
	Help    string // a paragraph
	Free    bool   // any other option belongs to a plug-in
	Process bool   // the options of [program:x] are valid here too
	Options []Setting
}

// suffix says whether a section of a topic is named ":x".
type suffix uint8

const (
	unnamed suffix = iota
	named          // always
	either         // with or without; Supervisor even takes whatever follows
)

// Setting is one option.
type Setting struct {
	Name    string
	Type    string // one of the types that the reference explains
	Default string // as it would be written; empty when there is none
	Example string // for the sample, where the default would say nothing
	Live    bool   // the sample has it switched on
	Help    string // one line
}

// Title is how the documentation writes a section of the topic.
func (t *Topic) Title() string {
	if t.Suffix == named {
		return "[" + t.Kind + ":x]"
	}
	return "[" + t.Kind + "]"
}

// Topics are all kinds of section in the order in which the documentation shows them.
var Topics = []*Topic{
	&unixTopic, &inetTopic, &userTopic, &daemonTopic, &rpcTopic, &clientTopic, &ctlTopic, &programTopic, &groupTopic, &listenerTopic,
	&fcgiTopic, &includeTopic,
}

// matches is true when a section of that name is of the topic.
func (t *Topic) matches(section string) bool {
	rest, ok := strings.CutPrefix(section, t.Kind)
	switch t.Suffix {
	case named:
		return ok && strings.HasPrefix(rest, ":")
	case unnamed:
		return ok && rest == ""
	}
	return ok
}

// topicOf finds the topic of a section, or nil for a section that nobody reads.
func topicOf(section string) *Topic {
	for _, t := range Topics {
		if t.matches(section) {
			return t
		}
	}
	return nil
}

// Settings are all options that are valid in a section of the topic.
func (t *Topic) Settings() []Setting {
	if !t.Process {
		return t.Options
	}
	return append(append([]Setting(nil), t.Options...), programTopic.Options...)
}

// has is true when name is an option of the topic.
func (t *Topic) has(name string) bool {
	for i := range t.Options {
		if t.Options[i].Name == name {
			return true
		}
	}
	return t.Process && programTopic.has(name)
}
