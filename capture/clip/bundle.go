package clip

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"footfall/models"
)

// bundle checks what was handed out: every file is one that was signed for, none is missing, and each clip is the one
// that its manifest speaks of. That there are no others in the chains is not what a bundle says.
func (c *checking) bundle(names []string) error {
	text, err := fs.ReadFile(c.files, models.BundleKey)
	if err != nil {
		return fmt.Errorf("read %s: %w", models.BundleKey, err)
	}
	c.seen[models.BundleKey] = true
	var b models.Bundle
	_, signed, err := models.Unseal(models.SignedBundle, text, &b, c.key)
	switch {
	case err != nil || b.Format != models.BundleFormat:
		c.find(models.Altered, models.BundleKey, "it is not what was signed")
	case !signed:
		c.find(models.Unsigned, models.BundleKey, "the signature is missing, of another key, or of another list")
	}
	for _, file := range b.Files {
		c.seen[file.Name] = true
		hash, size, err := hashFile(c.files, file.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.find(models.Missing, file.Name, "")
		case err != nil:
			return fmt.Errorf("read %s: %w", file.Name, err)
		case hash != file.SHA256 || size != file.Bytes:
			c.find(models.Altered, file.Name, "it is not what was handed out")
		}
	}
	for _, name := range names {
		if !c.seen[name] {
			c.find(models.Foreign, name, "it was not handed out")
		}
		if name != models.BundleKey && strings.HasSuffix(name, models.ManifestEnding) {
			if err := c.manifest(name); err != nil {
				return err
			}
		}
	}
	c.report.Cameras = len(c.chains)
	return nil
}
