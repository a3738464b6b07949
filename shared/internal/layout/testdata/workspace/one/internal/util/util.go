package util

func Nothing() {}
