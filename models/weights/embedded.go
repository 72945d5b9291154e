package weights

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"footfall/models"
)

//go:embed embedded
var embedded embed.FS

// maxModel bounds what is read or unpacked into memory.
const maxModel = 1 << 30

// card describes a model that is built in; see embedded/README.md.
type card struct {
	Name     string          `json:"name"`
	Version  string          `json:"version"`
	Parts    []string        `json:"parts"`
	SHA256   string          `json:"sha256"`
	Licence  string          `json:"licence"`
	Use      string          `json:"use"`
	Default  bool            `json:"default"`
	Contract models.Contract `json:"contract"`
}

// builtIn is one model that is built in.
type builtIn struct {
	card

	files fs.FS
}

// readBuiltIn reads the cards of a folder, the default first. No card is no model, not an error.
func readBuiltIn(folder fs.FS) ([]builtIn, error) {
	cards, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var found []builtIn
	defaults := 0
	for _, file := range cards {
		b := builtIn{files: folder}
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&b.card); err != nil {
			return nil, fmt.Errorf("read card %s: %w", file, err)
		}
		if err := b.validate(); err != nil {
			return nil, fmt.Errorf("read card %s: %w", file, err)
		}
		if !b.Default {
			found = append(found, b)
			continue
		}
		if defaults++; defaults > 1 {
			return nil, fmt.Errorf("read card %s: %s is the default already", file, found[0].Name)
		}
		found = append([]builtIn{b}, found...)
	}
	return found, nil
}

func (c card) validate() error {
	switch {
	case c.Name == "" || c.Version == "" || c.Licence == "" || c.Use == "":
		return errors.New("name, version, licence and use must be there")
	case len(c.Parts) == 0:
		return errors.New("parts: names no file")
	case len(c.SHA256) != 64:
		return errors.New("sha256: is not 64 hexadecimal digits")
	}
	for _, part := range c.Parts {
		if part != path.Base(part) {
			return fmt.Errorf("parts: %q is not a file of the folder", part)
		}
	}
	if err := c.Contract.Validate(); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	return nil
}

// read puts the model together and checks that it is the one its card describes.
func (b builtIn) read() ([]byte, error) {
	var model bytes.Buffer
	for _, part := range b.Parts {
		if err := b.unpack(&model, part); err != nil {
			return nil, fmt.Errorf("read built-in model %s: %s: %w", b.Name, part, err)
		}
	}
	if got := hashOf(model.Bytes()); got != b.SHA256 {
		return nil, fmt.Errorf("read built-in model %s: its SHA-256 is %s, its card says %s", b.Name, got, b.SHA256)
	}
	return model.Bytes(), nil
}

func (b builtIn) unpack(to *bytes.Buffer, part string) error {
	file, err := b.files.Open(part)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	var content io.Reader = file
	if strings.HasSuffix(part, ".gz") {
		if content, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	n, err := to.ReadFrom(io.LimitReader(content, maxModel+1))
	if err == nil && n > maxModel {
		err = fmt.Errorf("is larger than %d bytes", maxModel)
	}
	return err
}

// entry is the card as the catalogue would have it. The size is known once it was read.
func (b builtIn) entry() Entry {
	return Entry{
		Name: b.Name, Version: b.Version, SHA256: b.SHA256, Licence: b.Licence, Contract: b.Contract, Use: b.Use,
	}
}
