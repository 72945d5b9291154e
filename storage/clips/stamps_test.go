package clips_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/capture/clip"
	"footfall/models"
	"footfall/storage/clips"
	"footfall/storage/clips/stamp"
	"footfall/storage/storetest"
)

// stampedAs checks everything, and the time stamps with who is trusted.
func (v *vault) stampedAs(t *testing.T, trust stamp.Trust) (stamped int, found []string) {
	t.Helper()
	report, err := clip.VerifyStamped(clips.Files(t.Context(), v.Store), v.key.Public(), trust)
	must(t, err)
	for _, f := range report.Findings {
		found = append(found, f.String())
	}
	return report.Stamped, found
}

// Every clip is time-stamped, later if the authority is away, which holds up nothing else; the stamp goes with its clip
// and stays while that is held. Stamps that are changed, of another clip, or missing are found.
func TestClipsAreStamped(t *testing.T) {
	server := storetest.StartMinIO(t)
	for name, open := range map[string]func() (clips.Store, string){
		"folder and sqlite": func() (clips.Store, string) {
			return clips.NewFolder(t.TempDir()), filepath.Join(t.TempDir(), "footfall.db")
		},
		"minio and postgresql": func() (clips.Store, string) {
			return server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true)}), databases.PostgreSQL(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, address := open()
			authority := storetest.StartTSA(t)
			v := openVault(t, storetest.Open(t, address), store, aDay)
			v.Stamper = stamp.Authority{URL: authority.URL}
			clipsAreStamped(t, v, authority)
		})
	}
}

func clipsAreStamped(t *testing.T, v *vault, authority *storetest.TSA) {
	ctx := t.Context()
	trust := stamp.Trust{Roots: authority.Roots}
	authority.Away.Store(true)
	var stems []string
	for n := 1; n <= 3; n++ {
		stems = append(stems, strings.TrimSuffix(v.arrives(t, "lobby", n).Clip.Key, models.VideoEnding))
	}
	must(t, v.Round(ctx))
	v.sound(t, 3)
	if _, found := v.stampedAs(t, trust); len(found) != 3 || !strings.HasPrefix(found[0], "missing: "+stems[0]+".tsr") {
		t.Errorf("without stamps is found %q", found)
	}
	authority.Away.Store(false)
	v.clock.Set(v.clock.Now().Add(2 * time.Minute))
	must(t, v.Round(ctx))
	for _, with := range []stamp.Trust{trust, {}} {
		if stamped, found := v.stampedAs(t, with); stamped != 3 || len(found) > 0 {
			t.Errorf("%d stamps, and found %q", stamped, found)
		}
	}
	if _, found := v.stampedAs(t, stamp.Trust{Roots: storetest.StartTSA(t).Roots}); len(found) != 3 {
		t.Errorf("of an authority that nobody trusts: %q", found)
	}

	first, second := text(t, v.Store, stems[0]+".tsr"), text(t, v.Store, stems[1]+".tsr")
	for says, put := range map[string][]byte{"of something else": second, "no sound time stamp": first[:len(first)-5]} {
		must(t, v.Store.Put(ctx, stems[0]+".tsr", clips.Text(put, "")))
		if stamped, found := v.stampedAs(t, trust); stamped != 2 || len(found) != 1 || !strings.Contains(found[0], says) {
			t.Errorf("%s: %q", says, found)
		}
	}
	must(t, v.Store.Put(ctx, stems[0]+".tsr", clips.Text(first, "")))

	must(t, v.Index.Hold(ctx, "lobby-0002", models.ClipHold{Reason: "court", Since: v.clock.Now()}))
	v.clock.Set(v.clock.Now().Add(25 * time.Hour))
	must(t, v.Round(ctx))
	want := []string{models.ChainsKey, stems[1] + ".json", stems[1] + ".mp4", stems[1] + ".tsr"}
	if got := keys(t, v.Store); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if stamped, found := v.stampedAs(t, trust); stamped != 1 || len(found) > 0 {
		t.Errorf("%d stamps, and found %q", stamped, found)
	}
	must(t, v.Index.Release(ctx, "lobby-0002"))
	must(t, v.Round(ctx))
	v.clock.Set(v.clock.Now().Add(clips.SweepEvery))
	must(t, v.Round(ctx))
	if got := keys(t, v.Store); len(got) != 1 {
		t.Errorf("left are %q", got)
	}
}
