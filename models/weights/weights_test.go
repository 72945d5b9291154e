package weights

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"footfall/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// content is a model of n bytes that no other seed makes.
func content(seed string, n int) []byte {
	return bytes.Repeat([]byte(seed+"-"), n/len(seed)+1)[:n]
}

// known is an entry of a model with this content.
func known(name string, model []byte) Entry {
	return Entry{
		Name: name, Version: "1", File: strings.ReplaceAll(name, "-", "_") + ".onnx", Size: int64(len(model)),
		SHA256: hashOf(model), Licence: "Apache-2.0", Contract: yolox(416), Use: "tests",
	}
}

// put writes a file and returns its path.
func put(t *testing.T, folder, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func shelf(t *testing.T, builtIn fstest.MapFS, catalogue []Entry, folders ...string) *Shelf {
	t.Helper()
	s, err := newShelf(builtIn, catalogue, folders)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// inFS is a built-in model of two parts, one of them packed.
func inFS(t *testing.T, name string, isDefault string, model []byte) fstest.MapFS {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(model[10:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	card := `{"name": "` + name + `", "version": "1", "parts": ["` + name + `.graph", "` + name + `.weights.gz"],
		"sha256": "` + hashOf(model) + `", "licence": "Apache-2.0", "use": "tests", "default": ` + isDefault + `,
		"contract": {"kind": "boxes5", "classes": ["person"], "width": 512, "height": 288}}`
	return fstest.MapFS{
		name + ".json":       {Data: []byte(card)},
		name + ".graph":      {Data: model[:10]},
		name + ".weights.gz": {Data: packed.Bytes()},
		"README.md":          {Data: []byte("read me")},
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	hash := regexp.MustCompile(`^[0-9a-f]{64}$`)
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		if seen[e.Name] || seen[e.SHA256] {
			t.Errorf("%s is there twice", e.Name)
		}
		seen[e.Name], seen[e.SHA256] = true, true
		if !hash.MatchString(e.SHA256) || e.Size < 1<<20 || e.Licence == "" || e.Use == "" || e.Version == "" {
			t.Errorf("%s: %+v", e.Name, e)
		}
		if err := e.Contract.Validate(); err != nil || e.Contract.Width == 0 || e.Contract.Height == 0 {
			t.Errorf("%s: contract: %v", e.Name, err)
		}
		if !slices.Contains(e.Contract.Classes, models.Person) {
			t.Errorf("%s does not know people", e.Name)
		}
		for _, source := range e.Sources {
			if !strings.HasPrefix(source, "https://") || !strings.HasSuffix(source, "/"+e.File) {
				t.Errorf("%s: source %s", e.Name, source)
			}
		}
		if (e.SameAs == "") != (len(e.Sources) > 0) {
			t.Errorf("%s: can it be pulled, or is it the same as another?", e.Name)
		}
	}
}

// TestRealModel: the export that tests use is recognised, by its hash, as what it is.
func TestRealModel(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "models")
	if data := os.Getenv("FOOTFALL_TESTDATA"); data != "" {
		dir = filepath.Join(data, "..", "models")
	}
	path := filepath.Join(dir, "yolox_nano.onnx")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s, err := NewShelf(t.TempDir(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{path, "yolox-nano", "yolox-nano-reexport"} {
		m, err := s.Find(t.Context(), what)
		if err != nil || m.Name != "yolox-nano-reexport" || m.Path != path || m.Contract().Width != 416 {
			t.Errorf("%s: got %+v, %v", what, m, err)
		}
	}
	items, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]State{}
	for _, i := range items {
		states[i.Name] = i.State
	}
	if states["yolox-nano-reexport"] != Good || states["nanodet_m_320"] != Unknown {
		t.Errorf("got %v", states)
	}
}

// TestBuiltInModels checks what is really compiled in, be it nothing.
func TestBuiltInModels(t *testing.T) {
	t.Parallel()
	s, err := NewShelf("")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range s.builtIn {
		m, err := s.Find(t.Context(), b.Name)
		if err != nil || len(m.Data) == 0 {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
	if m, err := s.Find(t.Context(), ""); len(s.builtIn) > 0 && (err != nil || m.Name != s.builtIn[0].Name) {
		t.Errorf("the default is %s, %v", m.Name, err)
	}
}

func TestFindInOrder(t *testing.T) {
	t.Parallel()
	light, heavy, own := content("light", 100), content("heavy", 200), content("own", 50)
	other := content("other export of light", 90)
	reexport := known("light-reexport", other)
	reexport.File, reexport.SameAs = "light.onnx", "light"
	catalogue := []Entry{known("light", light), reexport, known("heavy", heavy)}
	inside := inFS(t, "inside", "true", content("inside", 300))
	none := fstest.MapFS{}

	for _, test := range []struct {
		name           string
		builtIn        fstest.MapFS
		first, second  map[string][]byte // files of the two folders
		what           string
		model, fileEnd string // fileEnd "" is built in
	}{
		{"the default is built in", inside, map[string][]byte{"light.onnx": light}, nil, "", "inside", ""},
		{"else the first of the catalogue", none, map[string][]byte{"heavy.onnx": heavy}, map[string][]byte{"light.onnx": light}, "", "light", "b/light.onnx"},
		{"else the next", none, map[string][]byte{"heavy.onnx": heavy, "own.onnx": own}, nil, "", "heavy", "a/heavy.onnx"},
		{"another export does", none, map[string][]byte{"light.onnx": other}, nil, "", "light-reexport", "a/light.onnx"},
		{"and does by name", none, map[string][]byte{"light.onnx": other}, nil, "light", "light-reexport", "a/light.onnx"},
		{"the first folder wins", none, map[string][]byte{"light.onnx": light}, map[string][]byte{"light.onnx": light}, "light", "light", "a/light.onnx"},
		{"the second folder", none, nil, map[string][]byte{"light.onnx": light}, "light", "light", "b/light.onnx"},
		{"the right one of two", none, map[string][]byte{"light.onnx": other}, map[string][]byte{"light.onnx": light}, "light-reexport", "light-reexport", "a/light.onnx"},
		{"one's own", inside, map[string][]byte{"own.onnx": own}, nil, "own", "own", "a/own.onnx"},
		{"one's own by its file's name", inside, map[string][]byte{"own.onnx": own}, nil, "own.onnx", "own", "a/own.onnx"},
		{"one's own instead of what is built in", inside, map[string][]byte{"inside.onnx": own}, nil, "inside", "inside", "a/inside.onnx"},
		{"built in by name", inside, nil, nil, "inside", "inside", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for folder, files := range map[string]map[string][]byte{"a": test.first, "b": test.second} {
				if err := os.Mkdir(filepath.Join(root, folder), 0o700); err != nil {
					t.Fatal(err)
				}
				for name, data := range files {
					put(t, filepath.Join(root, folder), name, data)
				}
			}
			s := shelf(t, test.builtIn, catalogue, filepath.Join(root, "a"), "", filepath.Join(root, "b"))
			m, err := s.Find(t.Context(), test.what)
			if err != nil {
				t.Fatal(err)
			}
			if m.Name != test.model || !strings.HasSuffix(m.Path, test.fileEnd) || (m.Path == "") != (m.Data != nil) {
				t.Errorf("got %s at %q", m.Name, m.Path)
			}
			if (m.Contract() == nil) != bytes.Contains([]byte(m.Path), []byte("own")) && test.model != "inside" {
				t.Errorf("contract %v", m.Contract())
			}
		})
	}
}

func TestFindAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	light := content("light", 100)
	s := shelf(t, fstest.MapFS{}, []Entry{known("light", light)}, filepath.Join(dir, "models"))
	path := put(t, dir, "renamed.onnx", light)
	m, err := s.Find(t.Context(), path)
	if err != nil || m.Name != "light" || m.Path != path || m.Entry == nil || m.Version() != "light@"+hashOf(light)[:12] {
		t.Errorf("by its hash: got %+v, %v", m, err)
	}
	path = put(t, dir, "light.onnx", content("not light", 100))
	m, err = s.Find(t.Context(), path)
	if err != nil || m.Name != "light" || m.Contract() != nil {
		t.Errorf("a file is what it is, not what it is called: got %+v, %v", m, err)
	}
}

func TestFindRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	light, heavy := content("light", 100), content("heavy", 200)
	catalogue := []Entry{known("light", light), known("heavy", heavy)}
	put(t, dir, "light.onnx", light[:60])
	put(t, dir, "heavy.onnx", content("dirty", 200))
	s := shelf(t, fstest.MapFS{}, catalogue, dir)
	empty := shelf(t, inFS(t, "inside", "false", content("inside", 100)), catalogue, dir+"/none", dir+"/nothing")
	bare := shelf(t, fstest.MapFS{}, catalogue)
	for _, test := range []struct {
		shelf *Shelf
		what  string
		is    error
		want  string
	}{
		{s, "light", models.ErrInvalid, "find model light: DIR/light.onnx: it has 60 of 100 bytes; delete it and run footfall models pull light"},
		{s, "", models.ErrInvalid, "find a model: DIR/light.onnx: it has 60 of 100 bytes; delete it and run footfall models pull light"},
		{s, "heavy", models.ErrInvalid, "find model heavy: DIR/heavy.onnx: its SHA-256 is " + hashOf(content("dirty", 200)) + ", that of heavy is " + hashOf(heavy) + "; if it is a model of yours give it another name, if not delete it"},
		{s, "DIR", models.ErrInvalid, "find model DIR: it is not a file; name the .onnx file itself"},
		{s, "DIR/none.onnx", models.ErrNotFound, "find model DIR/none.onnx: there is no such file"},
		{empty, "heavy", models.ErrNotFound, "find model heavy: it is not in DIR/none or DIR/nothing; run footfall models pull heavy, with --from FILE where there is no internet"},
		{empty, "yolo11", models.ErrNotFound, "find model yolo11: there is no such file, no yolo11.onnx in DIR/none or DIR/nothing, and the models known by name are light, heavy, inside"},
		{bare, "", models.ErrNotFound, "find a model: none is built in and there is none in any folder, for none is configured; run footfall models pull light, or name a file"},
	} {
		_, err := test.shelf.Find(t.Context(), strings.ReplaceAll(test.what, "DIR", dir))
		if err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != test.want || !errors.Is(err, test.is) {
			t.Errorf("%q\ngot  %v\nwant %s", test.what, err, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Find(ctx, "light"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: got %v", err)
	}
}

func TestListAndVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	light, heavy, inside := content("light", 100), content("heavy", 200), content("inside", 300)
	reexport := known("light-reexport", content("reexport", 10))
	reexport.SameAs = "light"
	far := known("far", content("far", 400))
	far.Sources = []string{"https://example.org/far.onnx"}
	put(t, dir, "anything.onnx", light)
	put(t, dir, "heavy.onnx", heavy)
	put(t, dir, "own.onnx", []byte("own"))
	put(t, dir, "own.onnx.json", []byte("{}"))
	put(t, dir, "far.onnx.part", []byte("half"))
	catalogue := []Entry{known("light", light), reexport, known("heavy", heavy), far}
	s := shelf(t, inFS(t, "inside", "true", inside), catalogue, dir, dir+"/none")

	items, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range items {
		got = append(got, strings.Join([]string{
			i.Name, string(i.State), strings.TrimPrefix(i.Place, dir), i.Kind, i.Input, i.Licence, i.Detail,
		}, "|"))
		if i.State == Good && (i.Size == 0 || i.SHA256 == "" || i.Use == "") {
			t.Errorf("%+v", i)
		}
		if i.Default != (i.Name == "inside") {
			t.Errorf("%s: default is %v", i.Name, i.Default)
		}
	}
	want := []string{
		"inside|good|built in|boxes5|512x288|Apache-2.0|",
		"light|good|/anything.onnx|yolox|416x416|Apache-2.0|",
		"heavy|good|/heavy.onnx|yolox|416x416|Apache-2.0|",
		"own|unknown|/own.onnx||||not in the catalogue: used when it is named, if its contract lies beside it or in it",
		"far|not there||yolox|416x416|Apache-2.0|footfall models pull far",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	items, err = s.Verify(t.Context())
	if err != nil || len(items) != 4 {
		t.Errorf("verify: %d items, %v", len(items), err)
	}

	put(t, dir, "heavy.onnx", heavy[:150])
	items, err = s.Verify(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "verify model heavy: "+dir+"/heavy.onnx: it has 150 of 200 bytes") {
		t.Errorf("verify: %v", err)
	}
	if len(items) != 4 || items[2].State != Damaged {
		t.Errorf("verify must still tell of all: %+v", items)
	}
}

func TestListMarksTheDefaultInAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	light, heavy := content("light", 100), content("heavy", 200)
	put(t, dir, "heavy.onnx", heavy)
	s := shelf(t, fstest.MapFS{}, []Entry{known("light", light), known("heavy", heavy)}, dir)
	items, err := s.List(t.Context())
	if err != nil || len(items) != 1 || !items[0].Default {
		t.Errorf("got %+v, %v", items, err)
	}
}

func TestBuiltInRefusals(t *testing.T) {
	t.Parallel()
	model := content("inside", 300)
	card := func(change func(string) string) fstest.MapFS {
		files := inFS(t, "inside", "true", model)
		files["inside.json"] = &fstest.MapFile{Data: []byte(change(string(files["inside.json"].Data)))}
		return files
	}
	for _, test := range []struct{ old, new, want string }{
		{`"use"`, `"usage"`, `open the built-in models: read card inside.json: json: unknown field "usage"`},
		{`"tests"`, `""`, `open the built-in models: read card inside.json: name, version, licence and use must be there`},
		{`boxes5`, `boxes6`, `open the built-in models: read card inside.json: contract: kind: "boxes6" is unknown; use yolox or boxes5`},
		{`inside.graph`, `../inside.graph`, `open the built-in models: read card inside.json: parts: "../inside.graph" is not a file of the folder`},
		{hashOf(model), `12`, `open the built-in models: read card inside.json: sha256: is not 64 hexadecimal digits`},
	} {
		files := card(func(s string) string { return strings.Replace(s, test.old, test.new, 1) })
		if _, err := newShelf(files, nil, nil); err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	twice := inFS(t, "a", "true", model)
	for name, file := range inFS(t, "b", "true", model) {
		twice[name] = file
	}
	if _, err := newShelf(twice, nil, nil); err == nil || !strings.HasSuffix(err.Error(), "read card b.json: a is the default already") {
		t.Errorf("two defaults: %v", err)
	}
	// What its card does not describe is never used.
	changed := card(func(s string) string { return strings.Replace(s, hashOf(model), hashOf([]byte("x")), 1) })
	s := shelf(t, changed, nil)
	if _, err := s.Find(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "its card says") {
		t.Errorf("another model than the card's: %v", err)
	}
	if _, err := s.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "its card says") {
		t.Errorf("verify: %v", err)
	}
	missing := inFS(t, "inside", "true", model)
	delete(missing, "inside.weights.gz")
	if _, err := shelf(t, missing, nil).Find(t.Context(), "inside"); err == nil {
		t.Error("a part is missing and nobody says so")
	}
}
