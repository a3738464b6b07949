package righttest

func Turn() string { return "test" }
