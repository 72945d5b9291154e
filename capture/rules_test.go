package capture

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"testing"

	"footfall/models"
)

func TestWhichAddressesMayBeReached(t *testing.T) {
	t.Parallel()
	allow := []netip.Prefix{netip.MustParsePrefix("169.254.7.0/24"), netip.MustParsePrefix("fe80::/10")}
	cases := []struct {
		addr  string
		rules AddressRules
		want  string // the error; "" when allowed
	}{
		{addr: "192.168.1.20"},
		{addr: "10.0.0.1"},
		{addr: "203.0.113.9"},
		{addr: "2001:db8::20"},
		{addr: "fd00::20"},
		{addr: "127.0.0.1", want: "address 127.0.0.1 is not allowed: it is this machine (loopback); " +
			"an administrator can allow its network"},
		{addr: "127.8.8.8", want: "address 127.8.8.8 is not allowed: it is this machine (loopback); " +
			"an administrator can allow its network"},
		{addr: "::1", want: "address ::1 is not allowed: it is this machine (loopback); " +
			"an administrator can allow its network"},
		{addr: "::ffff:127.0.0.1", want: "address 127.0.0.1 is not allowed: it is this machine (loopback); " +
			"an administrator can allow its network"},
		{addr: "64:ff9b::7f00:1", want: "address 127.0.0.1 is not allowed: it is this machine (loopback); " +
			"an administrator can allow its network"},
		{addr: "2002:a9fe:a9fe::1", want: "address 169.254.169.254 is not allowed: it is a cloud metadata service; " +
			"an administrator can allow its network"},
		{addr: "127.0.0.1", rules: AddressRules{AllowLoopback: true}},
		{addr: "::1", rules: AddressRules{AllowLoopback: true}},
		{addr: "169.254.169.254", want: "address 169.254.169.254 is not allowed: it is a cloud metadata service; " +
			"an administrator can allow its network"},
		{addr: "fd00:ec2::254", want: "address fd00:ec2::254 is not allowed: it is a cloud metadata service; " +
			"an administrator can allow its network"},
		{addr: "169.254.7.7", want: "address 169.254.7.7 is not allowed: it is link-local; " +
			"an administrator can allow its network"},
		{addr: "169.254.7.7", rules: AddressRules{Allow: allow}},
		{addr: "169.254.8.7", rules: AddressRules{Allow: allow}, want: "address 169.254.8.7 is not allowed: it is " +
			"link-local; an administrator can allow its network"},
		{addr: "fe80::1", want: "address fe80::1 is not allowed: it is link-local; an administrator can allow its network"},
		{addr: "fe80::1%eth0", rules: AddressRules{Allow: allow}},
		{addr: "0.0.0.0", want: "address 0.0.0.0 is not allowed: it is unspecified; an administrator can allow its network"},
		{addr: "0.1.2.3", want: "address 0.1.2.3 is not allowed: it is unspecified; an administrator can allow its network"},
		{addr: "::", want: "address :: is not allowed: it is unspecified; an administrator can allow its network"},
		{addr: "224.0.0.1", want: "address 224.0.0.1 is not allowed: it is multicast, broadcast or reserved; " +
			"an administrator can allow its network"},
		{addr: "255.255.255.255", want: "address 255.255.255.255 is not allowed: it is multicast, broadcast or reserved; " +
			"an administrator can allow its network"},
		{addr: "ff02::1", want: "address ff02::1 is not allowed: it is multicast, broadcast or reserved; " +
			"an administrator can allow its network"},
	}
	for _, c := range cases {
		err := c.rules.Check(netip.MustParseAddr(c.addr))
		got := ""
		if err != nil {
			got = err.Error()
			if asReason(err, "").Reason != models.ReasonRefused {
				t.Errorf("%s: reason %q, want %q", c.addr, asReason(err, "").Reason, models.ReasonRefused)
			}
		}
		if got != c.want {
			t.Errorf("%s with %+v:\ngot  %q\nwant %q", c.addr, c.rules, got, c.want)
		}
	}
}

// names answers like a DNS server.
type names map[string][]netip.Addr

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if addrs, ok := n[host]; ok {
		return addrs, nil
	}
	return nil, errors.New("no such host")
}

func TestANameIsJudgedByTheAddressesItHas(t *testing.T) {
	t.Parallel()
	dns := names{
		"door.example":   {netip.MustParseAddr("192.168.1.20")},
		"evil.example":   {netip.MustParseAddr("169.254.169.254")},
		"mixed.example":  {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.168.1.21")},
		"mapped.example": {netip.MustParseAddr("::ffff:192.168.1.22")},
	}
	cases := []struct{ url, want, refused string }{
		{url: "rtsp://door.example/s", want: "192.168.1.20:554"},
		{url: "rtsps://door.example/s", want: "192.168.1.20:322"},
		{url: "rtsp://door.example:8554/s", want: "192.168.1.20:8554"},
		{url: "rtsp://mixed.example/s", want: "192.168.1.21:554"},
		{url: "rtsp://mapped.example/s", want: "192.168.1.22:554"},
		{url: "rtsp://[2001:db8::1]:8554/s", want: "[2001:db8::1]:8554"},
		{url: "rtsp://evil.example/s", refused: "address 169.254.169.254 is not allowed: it is a cloud metadata service; " +
			"an administrator can allow its network"},
		{url: "rtsp://nowhere.example/s", refused: "the name nowhere.example is not known"},
		{url: "rtsp://door.example:0/s", refused: `url: port "0" is not a number from 1 to 65535`},
		{url: "rtsp://door.example:70000/s", refused: `url: port "70000" is not a number from 1 to 65535`},
	}
	for _, c := range cases {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		addrs, err := AddressRules{}.resolve(t.Context(), dns, u)
		switch {
		case c.refused != "" && (err == nil || err.Error() != c.refused):
			t.Errorf("%s: got %v, want %q", c.url, err, c.refused)
		case c.refused == "" && (err != nil || len(addrs) != 1 || addrs[0].String() != c.want):
			t.Errorf("%s: got %v (%v), want %s", c.url, addrs, err, c.want)
		}
	}
}

// FFmpeg gets the address that was checked, with everything else as the user wrote it.
func TestTheCheckedAddressIsTheOneThatIsOpened(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("rtsp://admin:p%40ss%2Fword@door.example/live/ch0?profile=1&x=a%20b")
	if err != nil {
		t.Fatal(err)
	}
	got := pinned(u, netip.MustParseAddrPort("192.168.1.20:554"))
	if want := "rtsp://admin:p%40ss%2Fword@192.168.1.20:554/live/ch0?profile=1&x=a%20b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
