package kernel

// ownSignals are the names that only this system has, as far as messages know them.
var ownSignals = map[int]string{16: "SIGSTKFLT", 30: "SIGPWR", 34: "SIGRTMIN", 64: "SIGRTMAX"}
