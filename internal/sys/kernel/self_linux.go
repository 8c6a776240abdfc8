package kernel

// ourselves is the file we run from. The link leads there whatever has become of its path: replaced by an upgrade, or
// under a directory that our user may not enter.
func ourselves() string { return "/proc/self/exe" }
