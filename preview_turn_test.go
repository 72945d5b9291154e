package main

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"testing"

	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"
)

// relayServer is a real TURN server on loopback that lets in one user.
func relayServer(t *testing.T, user, password string) string {
	t.Helper()
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const realm = "footfall"
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: realm,
		AuthHandler: func(asks *turn.RequestAttributes) (string, []byte, bool) {
			return user, turn.GenerateAuthKey(user, realm, password), asks.Username == user
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: socket,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{
				RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1",
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return "turn:" + socket.LocalAddr().String() + "?transport=udp"
}

// A browser that reaches nothing but the TURN server is told of it, with its password, and gets the picture through it.
func TestPicturesPassThroughTURN(t *testing.T) {
	t.Parallel()
	const user, password = "viewers", "relay-me-please"
	relay := relayServer(t, user, password)
	camera := wallCamera(t)
	s := serve(t, fmt.Sprintf("workers: {local: 1}\npreview: {turn: [%q], turn_user: %s, turn_password: %s}\n",
		relay, user, password))
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "door", "url": "`+camera.URL()+`"}`, http.StatusCreated)
	s.online("door")

	_, options, err := send(t.Context(), http.MethodOptions, s.whep("door", "tile"), "", "", "")
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`^<([^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"`).
		FindStringSubmatch(options.Get("Link"))
	if len(told) != 4 || told[1] != relay {
		t.Fatalf("%d, told %q, want %s with its user", options.status, options.Get("Link"), relay)
	}
	v := watchBy(t, s.whep("door", "tile"), webrtc.Configuration{
		ICETransportPolicy: webrtc.ICETransportPolicyRelay,
		ICEServers:         []webrtc.ICEServer{{URLs: told[1:2], Username: told[2], Credential: told[3]}},
	})
	for range 10 {
		v.picture(t)
	}
	pair, err := v.peer.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair.Local.Typ != webrtc.ICECandidateTypeRelay {
		t.Errorf("the picture came by %v, %v; want the relay", pair, err)
	}
}
