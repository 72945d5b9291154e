package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"footfall/models"
	"footfall/models/config"
)

// clip is a source with its truth.
type clip struct {
	name       string // how rows are called; empty when there is only one
	source     string
	detections string // in place of a model
	truthFile  string
	truth      config.Truth
}

// video is a source that may have a truth.
type video struct {
	name, source string
	named        bool // on the command line, not found in a folder
	truth        int  // -1: none
}

// truthFile is a truth that may have a source.
type truthFile struct {
	path  string
	named bool // on the command line, not found in a folder
	truth config.Truth
}

// videoKinds are the endings of files in --clips that are clips.
func videoKinds() []string { return []string{".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".ts"} }

// truthKinds are the endings of files in folders that are truths.
func truthKinds() []string { return []string{".json", ".yaml", ".yml"} }

// pair finds the clips that are meant, and which videos of --clips are left out because nobody counted them. What
// cannot be paired is refused before anything is counted.
func (cmd *evalCmd) pair() (clips []clip, leftOut []string, err error) {
	videos, err := cmd.videos()
	if err != nil {
		return nil, nil, err
	}
	truths, err := cmd.truths()
	if err != nil {
		return nil, nil, err
	}
	if len(cmd.Sources) == 1 && len(cmd.Clips) == 0 && len(truths) == 1 && truths[0].named {
		videos[0].truth = 0 // there is only one way to pair them
	} else if err := marry(videos, truths, len(cmd.Truth) == 0); err != nil {
		return nil, nil, err
	}
	for _, v := range videos {
		switch {
		case v.truth >= 0:
			t := truths[v.truth]
			clips = append(clips, clip{name: v.name, source: v.source, truthFile: t.path, truth: t.truth})
		case v.named:
			return nil, nil, models.Invalidf(v.source,
				"has no truth: no file of --truth is about a clip %q; a truth file names its clip, or is named like it",
				v.name)
		default:
			leftOut = append(leftOut, v.name)
		}
	}
	if len(clips) == 0 {
		return nil, nil, models.Invalidf("--clips",
			"no video in %s has a truth; put NAME.json beside NAME.mp4, or give --truth", strings.Join(cmd.Clips, ", "))
	}
	return clips, leftOut, cmd.giveDetections(clips)
}

// videos are the sources that were named and those in the folders of --clips.
func (cmd *evalCmd) videos() ([]video, error) {
	var all []video
	for _, s := range cmd.Sources {
		if _, err := os.Stat(s); err != nil && !strings.Contains(s, "://") {
			return nil, fmt.Errorf("open %s: file does not exist; give a video file or a folder of frames", s)
		}
		all = append(all, video{clipName(s), s, true, -1})
	}
	for _, folder := range cmd.Clips {
		files, err := filesOf("--clips", folder, videoKinds())
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, models.Invalidf("--clips", "%s holds no video (%s)", folder, strings.Join(videoKinds(), " "))
		}
		for _, f := range files {
			all = append(all, video{clipName(f), f, false, -1})
		}
	}
	if len(all) == 0 {
		return nil, models.Invalidf("eval", "nothing to count; give SOURCE... with --truth, or --clips DIR")
	}
	seen := map[string]string{}
	for _, v := range all {
		if before, twice := seen[v.name]; twice {
			return nil, models.Invalidf(v.source, "is called %s, and so is %s; rename one", v.name, before)
		}
		seen[v.name] = v.source
	}
	return all, nil
}

// truths are those that were named, those in folders, and without any of these those beside the clips.
func (cmd *evalCmd) truths() ([]truthFile, error) {
	var all []truthFile
	read := func(path string, named bool) error {
		truth, err := config.ReadTruth(path)
		all = append(all, truthFile{path, named, truth})
		return err
	}
	where := cmd.Truth
	if len(where) == 0 {
		where = cmd.Clips
	}
	if len(where) == 0 {
		return nil, models.Invalidf("--truth",
			"is missing; give the file of what really happened, or a folder of such files")
	}
	for _, place := range where {
		if !isFolder(place) {
			if err := read(place, true); err != nil {
				return nil, err
			}
			continue
		}
		files, err := filesOf("--truth", place, truthKinds())
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, models.Invalidf("--truth", "%s holds no truth file (%s)", place,
				strings.Join(truthKinds(), " "))
		}
		for _, f := range files {
			if err := read(f, false); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// filesOf are the files of a folder with one of these endings, by name.
func filesOf(flag, folder string, kinds []string) ([]string, error) {
	if about, err := os.Stat(folder); err == nil && !about.IsDir() {
		return nil, models.Invalidf(flag, "%s is a file; give a folder", folder)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", flag, err)
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(kinds, strings.ToLower(filepath.Ext(e.Name()))) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	return files, nil
}

// marry gives every truth to the video that it is about. One without a video is refused if it was named or lies beside
// the clips; a folder of --truth, in which the truths of clips are looked up, may hold others too.
func marry(videos []video, truths []truthFile, beside bool) error {
	for i, t := range truths {
		name := clipName(t.truth.Clip)
		if t.truth.Clip == "" {
			name = clipName(t.path)
		}
		at := slices.IndexFunc(videos, func(v video) bool { return v.name == name })
		switch {
		case at < 0 && (t.named || beside):
			return models.Invalidf(t.path,
				"is about a clip %q, which is not there; give it too, or leave this truth out", name)
		case at < 0:
			continue
		case videos[at].truth >= 0:
			return models.Invalidf(t.path, "is about %q, and so is %s; leave one out", name,
				truths[videos[at].truth].path)
		}
		videos[at].truth = i
	}
	return nil
}

// clipName is a file's name without folder and ending.
func clipName(source string) string {
	base := path.Base(filepath.ToSlash(source))
	if ending := filepath.Ext(base); slices.Contains(videoKinds(), strings.ToLower(ending)) ||
		slices.Contains(truthKinds(), strings.ToLower(ending)) {
		return strings.TrimSuffix(base, ending)
	}
	return base
}

// giveDetections finds the file of detections of every clip, if a model is not to look.
func (cmd *evalCmd) giveDetections(clips []clip) error {
	if cmd.Detections == "" {
		return nil
	}
	if !isFolder(cmd.Detections) {
		if len(clips) > 1 {
			return models.Invalidf("--detections",
				"%s is one file, but there are %d clips; give a folder with CLIP.txt for each", cmd.Detections, len(clips))
		}
		clips[0].detections = cmd.Detections
		return nil
	}
	for i := range clips {
		for _, ending := range []string{".txt", ".gt.txt"} {
			file := filepath.Join(cmd.Detections, clips[i].name+ending)
			if _, err := os.Stat(file); err == nil {
				clips[i].detections = file
				break
			}
		}
		if clips[i].detections == "" {
			return models.Invalidf("--detections", "%s has no file for the clip %q; want %s.txt", cmd.Detections,
				clips[i].name, clips[i].name)
		}
	}
	return nil
}
