package config

import (
	"fmt"
	"strings"
)

// unknown is what to say about a key that does not exist: the nearest one that does, wherever it stands, or what there
// is to choose from.
func (l *loader) unknown(key string) string {
	paths := l.paths()
	if near, ok := mistyped(key, paths); ok {
		return fmt.Sprintf("unknown key; did you mean %s?", near)
	}
	// The right word in the wrong section.
	word := lastWord(key)
	for _, p := range paths {
		if lastWord(p) == word {
			return fmt.Sprintf("unknown key; did you mean %s?", p)
		}
	}
	section, _, nested := cutLast(key)
	if !nested {
		section = ""
	}
	return "unknown key; want " + l.expected(section)
}

// expected lists the keys that may stand below a path.
func (l *loader) expected(path string) string {
	var keys []string
	for _, p := range l.paths() {
		if section, word, nested := cutLast(p); nested == (path != "") && (!nested || section == path) {
			keys = append(keys, word)
		}
	}
	return alternatives(keys)
}

// paths are all keys and sections, in the order of the table.
func (l *loader) paths() []string {
	var paths []string
	last := ""
	for _, f := range l.fields {
		if section, _, nested := cutLast(f.path); nested && section != last {
			paths = append(paths, section)
			last = section
		}
		paths = append(paths, f.path)
	}
	return append(paths, "groups", "webhooks", "cameras", "sites")
}

// isSection reports whether there are keys below a path.
func (l *loader) isSection(path string) bool {
	for _, f := range l.fields {
		if strings.HasPrefix(f.path, path+".") {
			return true
		}
	}
	return false
}

// cutLast cuts a path before its last word.
func cutLast(path string) (section, word string, nested bool) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

func lastWord(path string) string {
	_, word, _ := cutLast(path)
	return word
}

// mistyped is the candidate that somebody probably meant: few letters are wrong for its length.
func mistyped(word string, candidates []string) (string, bool) {
	near, edits := nearest(word, candidates)
	return near, edits <= max(1, len(word)/4)
}

// nearest is the candidate that takes the fewest edits to get to, and how many; the first of several.
func nearest(word string, candidates []string) (string, int) {
	best, fewest := "", len(word)+1
	for _, c := range candidates {
		if n := edits(word, c); n < fewest {
			best, fewest = c, n
		}
	}
	return best, fewest
}

// edits counts the letters to insert, delete or replace to get from a to b (Levenshtein's distance).
func edits(a, b string) int {
	if len(a) > 100 {
		return len(a) // nobody mistypes that much
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
