package difftest

// Table lists what we do otherwise on purpose.
var Table = []Intended{}

// Masks are differences that touch a word or a line of many outcomes.
var Masks = []Mask{}
