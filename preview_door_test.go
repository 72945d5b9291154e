package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// openWall opens the wall of cameras as a guard, who signs in for the first time, in the form that the page shows.
//
//nolint:contextcheck,revive // the browser is what is used, its context is how
func openWall(t testing.TB, browser context.Context, s *service, guard string) {
	t.Helper()
	once := s.newcomer(guard, "viewer")
	fill := func(values map[string]string) {
		script := `(() => { const form = document.querySelector('form');`
		for name, value := range values {
			script += fmt.Sprintf("form[%q].value = %q; form[%[1]q].dispatchEvent(new Event('input', {bubbles: true}));", name, value)
		}
		script += `setTimeout(() => form.requestSubmit(), 100); return true })()`
		if _, err := chromedp.Run(browser, chromedp.Evaluate[bool](script)); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(script string) func() bool {
		return func() bool {
			yes, err := chromedp.Run(browser, chromedp.Evaluate[bool](script))
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
	}
	if _, err := chromedp.Run(browser, chromedp.Navigate(s.url+"/live")); err != nil {
		t.Fatal(err)
	}
	s.eventually("the page asks who is there", shows(`Boolean(document.querySelector('form [name=username]'))`))
	fill(map[string]string{"username": guard, "password": "not the right one"})
	s.eventually("a wrong password is refused", shows(`Boolean(document.querySelector('.notice[data-mood=bad]'))`))
	fill(map[string]string{"username": guard, "password": once})
	s.eventually("the page asks for another password", shows(`Boolean(document.querySelector('form [name=fresh]'))`))
	fill(map[string]string{"fresh": "seven guards walk at night"})
	s.eventually("the page is open", shows(`location.pathname === '/live' && Boolean(document.querySelector('.tile'))`))
}
