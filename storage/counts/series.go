package counts

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"strings"

	"footfall/models"
)

// LineRef names a line of a camera.
type LineRef struct {
	Camera models.CameraID
	Line   string
}

// compare orders lines by camera, then by line.
func (r LineRef) compare(o LineRef) int {
	return cmp.Or(cmp.Compare(r.Camera, o.Camera), cmp.Compare(r.Line, o.Line))
}

// Series is what is counted on a line by itself: a class, or with Carrying the people who had something of that class
// along.
type Series struct {
	LineRef
	Class    models.Class
	Carrying models.Class
}

func (s Series) compare(o Series) int {
	return cmp.Or(s.LineRef.compare(o.LineRef), cmp.Compare(s.Class, o.Class), cmp.Compare(s.Carrying, o.Carrying))
}

// numbers are the numbers that stand for series and cameras in the buckets. Within one transaction: a number that was
// given in one that is undone was never given.
type numbers struct {
	*statements

	series  map[Series]int64
	cameras map[models.CameraID]int64
	zones   map[zoneSeries]int64
}

func newNumbers(s *statements) *numbers {
	return &numbers{
		statements: s, series: make(map[Series]int64), cameras: make(map[models.CameraID]int64),
		zones: make(map[zoneSeries]int64),
	}
}

const (
	findSeries = `select id from series where camera = $1 and line = $2 and class = $3 and carrying = $4`
	findCamera = `select id from watched_cameras where camera = $1`
	findZone   = `select id from zone_series where camera = $1 and zone = $2 and class = $3`
)

// ofSeries is the number of a series, 0 when nothing was ever counted in it.
func (n *numbers) ofSeries(ctx context.Context, s Series) (int64, error) {
	return lookUp(ctx, n.statements, n.series, s, findSeries, s.Camera, s.Line, s.Class, s.Carrying)
}

// ofCamera is the number of a camera, 0 when it was never watched.
func (n *numbers) ofCamera(ctx context.Context, camera models.CameraID) (int64, error) {
	return lookUp(ctx, n.statements, n.cameras, camera, findCamera, camera)
}

// ofZone is the number of a class in a zone, 0 when nothing was ever told of it.
func (n *numbers) ofZone(ctx context.Context, z zoneSeries) (int64, error) {
	return lookUp(ctx, n.statements, n.zones, z, findZone, z.camera, z.zone, z.class)
}

// giveSeries is the number of a series, which it has from now on if it had none.
func (n *numbers) giveSeries(ctx context.Context, s Series) (int64, error) {
	return give(ctx, n.statements, n.series, s, findSeries,
		`insert into series (camera, line, class, carrying) values ($1, $2, $3, $4) returning id`,
		s.Camera, s.Line, s.Class, s.Carrying)
}

func (n *numbers) giveCamera(ctx context.Context, camera models.CameraID) (int64, error) {
	return give(ctx, n.statements, n.cameras, camera, findCamera,
		`insert into watched_cameras (camera) values ($1) returning id`, camera)
}

func (n *numbers) giveZone(ctx context.Context, z zoneSeries) (int64, error) {
	return give(ctx, n.statements, n.zones, z, findZone,
		`insert into zone_series (camera, zone, class) values ($1, $2, $3) returning id`, z.camera, z.zone, z.class)
}

func lookUp[K comparable](
	ctx context.Context, s *statements, known map[K]int64, key K, find string, args ...any,
) (int64, error) {
	if id, ok := known[key]; ok {
		return id, nil
	}
	var id int64
	if err := s.row(ctx, find, args, &id); err != nil && !errors.Is(err, stdsql.ErrNoRows) {
		return 0, err
	}
	known[key] = id
	return id, nil
}

func give[K comparable](
	ctx context.Context, s *statements, known map[K]int64, key K, find, insert string, args ...any,
) (int64, error) {
	id, err := lookUp(ctx, s, known, key, find, args...)
	if err != nil || id != 0 {
		return id, err
	}
	if err := s.row(ctx, insert, args, &id); err != nil {
		return 0, err
	}
	known[key] = id
	return id, nil
}

// loadSeries learns the numbers of all series at once, for a question about very many lines.
func (n *numbers) loadSeries(ctx context.Context) error {
	return n.each(ctx, `select id, camera, line, class, carrying from series`, nil, func(row scanner) error {
		var id int64
		var s Series
		if err := row.Scan(&id, &s.Camera, &s.Line, &s.Class, &s.Carrying); err != nil {
			return err
		}
		n.series[s] = id
		return nil
	})
}

// joinClasses is the column that keeps what was carried; classes have no commas.
func joinClasses(classes []models.Class) string {
	words := make([]string, len(classes))
	for i, c := range classes {
		words[i] = string(c)
	}
	return strings.Join(words, ",")
}

func splitClasses(text string) []models.Class {
	if text == "" {
		return nil
	}
	var classes []models.Class
	for word := range strings.SplitSeq(text, ",") {
		classes = append(classes, models.Class(word))
	}
	return classes
}
