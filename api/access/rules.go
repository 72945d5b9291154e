package access

import (
	"fmt"
	"maps"
	"slices"

	"footfall/models"
)

// Rules is who may do what: the rule of every operation of openapi.yaml, by its operationId, and of every other route
// by its method and path. A route that is not here does not start.
func Rules() map[string]Rule {
	all := map[string]Rule{}
	for _, some := range []map[string]Rule{
		openRules(), peopleRules(), countRules(), cameraRules(), placeRules(), clipRules(), otherRules(),
	} {
		maps.Copy(all, some)
	}
	return all
}

// openRules is what must be there before anybody has signed in. None of it says anything about the installation, and
// what does has a permission.
func openRules() map[string]Rule {
	return map[string]Rule{
		"GET /":                              {Anybody: true},
		"GET /healthz":                       {Anybody: true},
		"GET /readyz":                        {Anybody: true},
		"GET /api/docs":                      {Anybody: true},
		"GET /api/docs/":                     {Anybody: true},
		"GET /api/docs/initializer.js":       {Anybody: true},
		"GET /api/docs/swagger-ui.css":       {Anybody: true},
		"GET /api/docs/swagger-ui-bundle.js": {Anybody: true},
		"GET /api/v1/openapi.yaml":           {Anybody: true},
		"GET /preview":                       {Anybody: true}, // leads to the app
		"GET /metrics":                       {Needs: may(models.MaySeeSystem), Where: Everywhere},
	}
}

// peopleRules is about those who come in.
func peopleRules() map[string]Rule {
	return map[string]Rule{
		"openSession":      {Anybody: true},
		"getWays":          {Anybody: true},
		"beginAtProvider":  {Anybody: true},
		"finishAtProvider": {Anybody: true},
		"getSession":       {SignedIn: true, Where: Own, Changing: true},
		"closeSession":     {SignedIn: true, Where: Own, Changing: true},
		"setPassword":      {SignedIn: true, Where: Own, Changing: true},
		"beginTOTP":        {SignedIn: true, Where: Own},
		"confirmTOTP":      {SignedIn: true, Where: Own},
		"removeTOTP":       {SignedIn: true, Where: Own},
		"listSessions":     {SignedIn: true, Where: Own},
		"endSession":       {SignedIn: true, Where: Own},
		"listUsers":        {Needs: may(models.MayEditUsers), Where: Everywhere},
		"addUser":          {Needs: may(models.MayEditUsers), Where: Everywhere},
		"getUser":          {Needs: may(models.MayEditUsers), Where: Everywhere},
		"changeUser":       {Needs: may(models.MayEditUsers), Where: Everywhere},
		"removeUser":       {Needs: may(models.MayEditUsers), Where: Everywhere},
		"resetUser":        {Needs: may(models.MayEditUsers), Where: Everywhere},
		"listTokens":       {Needs: may(models.MayEditUsers), Where: Everywhere},
		"addToken":         {Needs: may(models.MayEditUsers), Where: Everywhere},
		"removeToken":      {Needs: may(models.MayEditUsers), Where: Everywhere},
	}
}

// countRules is about what was counted.
func countRules() map[string]Rule {
	return map[string]Rule{
		"getCounts": {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: Listed, Costly: true},
		"getCountsCSV": {
			Needs: may(models.MayReadCounts, models.MayReadSmall), Where: Listed, Costly: true, Note: noteExport,
		},
		"getCountsParquet": {
			Needs: may(models.MayReadCounts, models.MayReadSmall), Where: Listed, Costly: true, Note: noteExport,
		},
		"getZoneCounts": {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: Listed, Costly: true},
		"getSiteCounts": {Needs: may(models.MayReadCounts), Where: AtSite, Also: small, Costly: true},
		"getAreaCounts": {Needs: may(models.MayReadCounts), Where: AtArea, Also: small, Costly: true},
		"getFootfall":   {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getPeak":       {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getBalance":    {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getDwell":      {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getCapture":    {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getDays":       {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getDaysCSV": {
			Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true, Note: noteExport,
		},
		"getProfile":          {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getComparison":       {Needs: may(models.MayReadCounts), Where: Listed, Also: small, Costly: true},
		"getOccupancy":        {Needs: may(models.MaySeeLive), Where: AtArea},
		"getOccupancyHistory": {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: AtArea, Costly: true},
		"getOccupancyDrift":   {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: AtArea, Costly: true},
		"listCorrections":     {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: AtArea},
		"addCorrection":       {Needs: may(models.MayCorrect), Where: AtArea},
	}
}

// cameraRules is about cameras, and what they see.
func cameraRules() map[string]Rule {
	return map[string]Rule{
		"listCameras":           {Needs: may(models.MaySeeCameras), Where: Listed},
		"addCamera":             {Needs: may(models.MayEditCameras), Where: Named},
		"tryCamera":             {Needs: may(models.MayEditCameras), Where: Everywhere},
		"getCamera":             {Needs: may(models.MaySeeCameras), Where: AtCamera},
		"changeCamera":          {Needs: may(models.MayEditCameras), Where: AtCamera},
		"removeCamera":          {Needs: may(models.MayEditCameras), Where: AtCamera},
		"getLines":              {Needs: may(models.MaySeeCameras), Where: AtCamera},
		"setLines":              {Needs: may(models.MayEditCameras), Where: AtCamera},
		"tryLines":              {Needs: may(models.MayEditCameras), Where: AtCamera, Costly: true},
		"getLineVersions":       {Needs: may(models.MaySeeCameras), Where: AtCamera},
		"getZones":              {Needs: may(models.MaySeeCameras), Where: AtCamera},
		"setZones":              {Needs: may(models.MayEditCameras), Where: AtCamera},
		"previewOptions":        {Needs: may(models.MayWatch), Where: AtCamera},
		"openPreview":           {Needs: may(models.MayWatch), Where: AtCamera, Also: clean, Note: noteClean},
		"previewSessionOptions": {Needs: may(models.MayWatch), Where: AtCamera},
		"tricklePreview":        {Needs: may(models.MayWatch), Where: AtCamera},
		"closePreview":          {Needs: may(models.MayWatch), Where: AtCamera},
		"streamStills":          {Needs: may(models.MayWatch), Where: AtCamera, Also: clean, Note: noteClean},
		"getSnapshot":           {Needs: may(models.MayWatch), Where: AtCamera, Also: clean, Note: noteClean},
	}
}

// placeRules is about sites and areas.
func placeRules() map[string]Rule {
	return map[string]Rule{
		"listSites":  {Needs: may(models.MaySeeSites), Where: Listed},
		"addSite":    {Needs: may(models.MayEditSites), Where: Everywhere},
		"getSite":    {Needs: may(models.MaySeeSites), Where: AtSite},
		"setSite":    {Needs: may(models.MayEditSites), Where: AtSite},
		"removeSite": {Needs: may(models.MayEditSites), Where: AtSite},
		"listAreas":  {Needs: may(models.MaySeeSites), Where: Listed},
		"addArea":    {Needs: may(models.MayEditSites), Where: Named},
		"getArea":    {Needs: may(models.MaySeeSites), Where: AtArea},
		"setArea":    {Needs: may(models.MayEditSites), Where: AtArea},
		"removeArea": {Needs: may(models.MayEditSites), Where: AtArea},
	}
}

// clipRules is about clips and who looked at them. A clip is found by its own id: its handler looks whether its camera
// is within reach.
func clipRules() map[string]Rule {
	read, hold := may(models.MayReadClips), may(models.MayReadClips, models.MayHoldClips)
	return map[string]Rule{
		"listClips":      {Needs: read, Where: Listed},
		"getClip":        {Needs: read, Where: Listed},
		"playClip":       {Needs: read, Where: Listed},
		"getThumbnail":   {Needs: read, Where: Listed},
		"getManifest":    {Needs: read, Where: Listed},
		"revealClip":     {Needs: read, Where: Listed},
		"makeBundle":     {Needs: read, Where: Listed},
		"listReviews":    {Needs: read, Where: Listed},
		"addReview":      {Needs: read, Where: Listed},
		"getAccuracy":    {Needs: read, Where: Listed},
		"getEvidenceKey": {SignedIn: true, Where: Listed}, // it is public
		"getClipStore":   {Needs: read, Where: Listed},
		"holdClip":       {Needs: hold, Where: Listed},
		"releaseClip":    {Needs: hold, Where: Listed},
		"addRecording":   {Needs: hold, Where: AtCamera},
		"listRecordings": {Needs: read, Where: Listed},
		"listAudit":      {Needs: may(models.MayReadAudit), Where: Listed},
		"exportAudit":    {Needs: may(models.MayReadAudit), Where: Everywhere},
	}
}

// otherRules is about what happens, and who is told of it.
func otherRules() map[string]Rule {
	return map[string]Rule{
		"streamEvents":      {Topics: true, Where: Listed},
		"listWebhooks":      {Needs: may(models.MayEditHooks), Where: Everywhere},
		"addWebhook":        {Needs: may(models.MayEditHooks), Where: Everywhere},
		"getWebhook":        {Needs: may(models.MayEditHooks), Where: Everywhere},
		"changeWebhook":     {Needs: may(models.MayEditHooks), Where: Everywhere},
		"removeWebhook":     {Needs: may(models.MayEditHooks), Where: Everywhere},
		"testWebhook":       {Needs: may(models.MayEditHooks), Where: Everywhere},
		"listDeliveries":    {Needs: may(models.MayEditHooks), Where: Everywhere},
		"redeliverAll":      {Needs: may(models.MayEditHooks), Where: Everywhere},
		"redeliver":         {Needs: may(models.MayEditHooks), Where: Everywhere},
		"getSummary":        {Needs: may(models.MayReadCounts, models.MayReadSmall), Where: Everywhere, Costly: true},
		"sendSummary":       {Needs: may(models.MaySendReports), Where: Everywhere},
		"listWorkers":       {Needs: may(models.MaySeeSystem), Where: Listed},
		"getDataProtection": {Needs: may(models.MaySeeSystem), Where: Everywhere},
	}
}

func may(all ...models.Permission) []models.Permission { return all }

// RuleOf is the rule of an operation or route. Without one that somebody has thought to its end there is an error,
// which must keep the server from starting.
func RuleOf(rules map[string]Rule, name string) (Rule, error) {
	rule, there := rules[name]
	switch {
	case !there:
		return Rule{}, fmt.Errorf("nobody has said who may %q: give it a rule in api/access/rules.go", name)
	case !rule.complete():
		return Rule{}, fmt.Errorf("the rule of %q does not say where it holds, or for whom", name)
	case slices.ContainsFunc(rule.Needs, func(p models.Permission) bool { return !p.Valid() }):
		return Rule{}, fmt.Errorf("the rule of %q needs a permission that there is not", name)
	}
	return rule, nil
}
