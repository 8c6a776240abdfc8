//go:build !race

package difftest_test

const raceDetector = false
