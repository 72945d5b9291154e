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
		script := `(() => { const form = document.querySelector('#door form');`
		for name, value := range values {
			script += fmt.Sprintf("form[%q].value = %q;", name, value)
		}
		script += `form.requestSubmit(); return true })()`
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
	if _, err := chromedp.Run(browser, chromedp.Navigate(s.url+"/preview")); err != nil {
		t.Fatal(err)
	}
	s.eventually("the page asks who is there", shows(`document.querySelector('#door').open`))
	fill(map[string]string{"name": guard, "password": "not the right one"})
	s.eventually("a wrong password is refused", shows(`document.querySelector('#door p').textContent.includes('wrong')`))
	fill(map[string]string{"name": guard, "password": once})
	s.eventually("the page asks for another password", shows(`!document.querySelector('#door [name=fresh]').parentElement.hidden`))
	fill(map[string]string{"name": guard, "password": once, "fresh": "seven guards walk at night"})
	s.eventually("the page is open", shows(`!document.querySelector('#door').open`))
}
