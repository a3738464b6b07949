//go:build !linux

package main

import "errors"

var errOnlyLinux = errors.New("this trial needs Linux")

func (b *bench) loss() error { return errOnlyLinux }
func (b *bench) name() error { return errOnlyLinux }
