package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The namespaces of the trials, and their addresses.
const (
	clientSpace, clientAddress = "trials-client", "10.98.76.1"
	serverSpace, serverAddress = "trials-server", "10.98.76.2"
)

// ip runs the command of that name.
func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// spaces makes both namespaces, each with a network device whose packets go to this
// process, and returns the devices.
func spaces() (client, server *os.File, remove func(), err error) {
	remove = func() {
		ip("netns", "del", clientSpace) //nolint:errcheck // perhaps it was never made
		ip("netns", "del", serverSpace) //nolint:errcheck // likewise
	}
	remove()
	for _, s := range []struct {
		space, address, peer string
		into                 **os.File
	}{{clientSpace, clientAddress, serverAddress, &client}, {serverSpace, serverAddress, clientAddress, &server}} {
		for _, args := range [][]string{
			{"netns", "add", s.space},
			{"-n", s.space, "tuntap", "add", "dev", "tun0", "mode", "tun"},
			{"-n", s.space, "address", "add", s.address, "peer", s.peer, "dev", "tun0"},
			{"-n", s.space, "link", "set", "tun0", "up"},
			{"-n", s.space, "link", "set", "lo", "up"},
		} {
			if err := ip(args...); err != nil {
				return nil, nil, remove, fmt.Errorf("%w (this trial needs root and iproute2)", err)
			}
		}
		if *s.into, err = device(s.space); err != nil {
			return nil, nil, remove, err
		}
	}
	return client, server, remove, nil
}

// device opens the device of a namespace. Its thread is in the namespace for good, and so
// given up.
func device(space string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	result := make(chan opened, 1)
	go func() {
		runtime.LockOSThread()
		f, err := func() (*os.File, error) {
			ns, err := os.Open("/var/run/netns/" + space)
			if err != nil {
				return nil, err
			}
			defer ns.Close()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return nil, err
			}
			fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
			if err != nil {
				return nil, err
			}
			request, err := unix.NewIfreq("tun0")
			if err != nil {
				return nil, err
			}
			request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
			if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
				return nil, err
			}
			return os.NewFile(uintptr(fd), "tun0"), nil
		}()
		result <- opened{f, err}
	}()
	o := <-result
	return o.file, o.err
}

// carry takes packets from one device to the other and loses a share of them.
func carry(from, to *os.File, share float64) {
	packet := make([]byte, 64<<10)
	for {
		n, err := from.Read(packet)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err == nil && rand.Float64() >= share {
			to.Write(packet[:n]) //nolint:errcheck // lost as well
		}
	}
}

// loss: a hundredth of the packets is lost in each direction.
func (b *bench) loss() error {
	client, there, remove, err := spaces()
	defer remove()
	if err != nil {
		return err
	}
	defer client.Close()
	defer there.Close()
	go carry(client, there, 0.01)
	go carry(there, client, 0.01)
	s, err := b.serve([]string{"ip", "netns", "exec", serverSpace}, "-listen", serverAddress+":8080")
	if err != nil {
		return err
	}
	defer s.stop()
	r, err := b.load([]string{"ip", "netns", "exec", clientSpace}, "http://"+s.address+"/", "--rate", "500", "-c", "20", "-d", "10")
	if err != nil {
		return err
	}
	e := r.find("tcp_retransmits")
	b.holds(e != nil && e.From < 2 && e.To > 8, "tcp_retransmits all the time", "%v; %d out of order", e, r.TCP.OutOfOrder)
	share := float64(r.TCP.Retransmits) / float64(r.Total)
	b.holds(share > 0.004 && share < 0.04, "about a hundredth sent again", "%.2f%% of %d requests", share*100, r.Total)
	b.holds(r.P999 >= 190, "p99.9 shows TCP's timeout of 200 ms", "p50 %.3g ms, p99 %.4g ms, p99.9 %.4g ms", r.P50, r.P99, r.P999)
	b.holds(r.Failed == 0, "no request fails for it", "%d failed", r.Failed)
	return nil
}

// name: the name is taken out of /etc/hosts after 2 seconds. Programs reread it after 5.
func (b *bench) name() error {
	defer ip("netns", "del", clientSpace) //nolint:errcheck // perhaps it was never made
	files := "/etc/netns/" + clientSpace
	defer os.RemoveAll(files)
	if err := os.MkdirAll(files, 0o700); err != nil {
		return fmt.Errorf("%w (this trial needs root)", err)
	}
	hosts := filepath.Join(files, "hosts")
	for path, text := range map[string]string{hosts: "127.0.0.1 api.trial\n", filepath.Join(files, "resolv.conf"): "nameserver 127.0.0.1\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // it is read by all
			return err
		}
	}
	for _, args := range [][]string{{"netns", "add", clientSpace}, {"-n", clientSpace, "link", "set", "lo", "up"}} {
		if err := ip(args...); err != nil {
			return err
		}
	}
	inside := []string{"ip", "netns", "exec", clientSpace}
	s, err := b.serve(inside)
	if err != nil {
		return err
	}
	defer s.stop()
	_, port, _ := strings.Cut(s.address, ":")
	emptied := make(chan error, 1)
	go func() {
		time.Sleep(2 * time.Second)
		emptied <- os.WriteFile(hosts, []byte("127.0.0.1 other.trial\n"), 0o644) //nolint:gosec // it is read by all
	}()
	r, err := b.load(inside, "http://api.trial:"+port+"/", "-c", "5", "--no-keepalive", "--think", "5ms", "-d", "12")
	if err := errors.Join(err, <-emptied); err != nil {
		return err
	}
	e := r.find("dns")
	b.holds(e != nil && e.From >= 2 && e.From <= 9 && e.To > 11, "dns from 2 to 8 s on, to the end", "%v", e)
	b.holds(len(r.Errors) == 1, "nothing else", "%v", r.Errors)
	return nil
}
