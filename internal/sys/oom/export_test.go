package oom

// Groups is groups.
var Groups = groups
