package config

// The tests compare single parts with Python.

// Expand is expand with names that are strings and whole numbers.
func Expand(s string, texts []Var, numbers map[string]int, option string) (string, error) {
	names := &scope{env: &environment{}}
	for _, v := range texts {
		names.put(v.Name, value{text: v.Value})
	}
	for key, n := range numbers {
		names.put(key, value{n: int64(n), number: true})
	}
	return fallible(expand(s, names, option))
}

// ParseEnvironment is parseEnvironment.
func ParseEnvironment(s string) ([]Var, error) { return fallible(parseEnvironment(s)) }

// Quoted are repr, ascii, lower and strip.
func Quoted(s string) []string { return []string{quote(s), quoteASCII(s), lower(s), strip(s)} }

// Convert is the converter that Python calls by that name.
func Convert(what, s string) (any, error) {
	switch what {
	case "integer":
		n, p := integer64(s)
		return fallible[any](n, p)
	case "byte_size":
		n, p := byteSize(s)
		return fallible[any](n, p)
	case "octal_type":
		n, p := octal(s)
		return fallible[any](n, p)
	case "boolean":
		n, p := boolean(s)
		return fallible[any](n, p)
	case "signal_number":
		n, p := signal(s)
		return fallible[any](n, p)
	case "list_of_exitcodes":
		n, p := exitcodes(s)
		return fallible[any](append([]int{}, n...), p)
	case "auto_restart":
		n, p := autorestart(s)
		return fallible[any]([...]string{"unexpected", "always", "never"}[n], p)
	case "logging_level":
		n, p := logLevel(s)
		return fallible[any](n, p)
	case "inet_address":
		host, port, p := inetAddress(s)
		return fallible[any]([]any{host, port}, p)
	case "process_or_group_name":
		n, p := processName(s)
		return fallible[any](n, p)
	}
	panic(what)
}
