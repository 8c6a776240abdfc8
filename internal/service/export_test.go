package service

// Span lets tests see how a duration in seconds is spelled.
var Span = func(n int) string { return string(appendSpan(nil, n)) }
