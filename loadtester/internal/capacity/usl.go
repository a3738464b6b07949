package capacity

import "math"

// USL is a fit of the Universal Scalability Law (N. Gunther, "Guerrilla Capacity
// Planning", Springer 2007): N connections make
//
//	Lambda N / (1 + Sigma (N-1) + Kappa N (N-1))
//
// requests a second.
type USL struct {
	Lambda   float64 `json:"lambda"`    // the rate of one connection alone
	Sigma    float64 `json:"sigma"`     // contention: the share of the work that only one can do at a time
	Kappa    float64 `json:"kappa"`     // coherency: what each pair costs; above 0 the rate falls in the end
	RSquared float64 `json:"r_squared"` // how much of the rates' variance it explains, up to 1
	Peak     *Point  `json:"peak"`      // where the rate is highest; nil when it never falls
}

// Rate is what the law says for a number of connections.
func (u *USL) Rate(n float64) float64 {
	return u.Lambda * n / (1 + u.Sigma*(n-1) + u.Kappa*n*(n-1))
}

// leastForFit is how many loads a fit of three parameters needs.
const leastForFit = 4

// fitUSL fits the law by least squares; nil when there are too few steps. By Little's law
// the law is linear in its time form, N/X = a + b (N-1) + c N (N-1); residuals are taken
// relative to N/X, and b and c, which have no meaning below 0, are kept from there by
// trying each with and without.
func fitUSL(steps []Step) *USL {
	var rows [][3]float64
	var usable []Step
	for _, s := range steps {
		if s.Rate > 0 && s.ErrorRate < failing {
			n := float64(s.Connections)
			weight := s.Rate / n
			rows = append(rows, [3]float64{weight, weight * (n - 1), weight * n * (n - 1)})
			usable = append(usable, s)
		}
	}
	if len(rows) < leastForFit {
		return nil
	}
	var best [3]float64
	least := math.Inf(1)
	for _, use := range [][]int{{0}, {0, 1}, {0, 2}, {0, 1, 2}} {
		x, ok := leastSquares(rows, use)
		if !ok || x[0] <= 0 || x[1] < 0 || x[2] < 0 {
			continue
		}
		left := 0.0
		for _, row := range rows {
			r := 1 - row[0]*x[0] - row[1]*x[1] - row[2]*x[2]
			left += r * r
		}
		if left < least {
			best, least = x, left
		}
	}
	if math.IsInf(least, 1) {
		return nil
	}
	u := &USL{Lambda: 1 / best[0], Sigma: best[1] / best[0], Kappa: best[2] / best[0]}
	u.RSquared = explained(u, usable)
	if u.Kappa > 0 && u.Sigma < 1 {
		n := math.Sqrt((1 - u.Sigma) / u.Kappa)
		u.Peak = &Point{Connections: n, Rate: u.Rate(n)}
	}
	return u
}

// leastSquares solves for the coefficients used, the others being 0, with 1 wanted of
// each row.
func leastSquares(rows [][3]float64, use []int) (x [3]float64, ok bool) {
	k := len(use)
	m := make([][]float64, k) // the normal equations
	for i := range m {
		m[i] = make([]float64, k+1)
		for _, row := range rows {
			for j := range k {
				m[i][j] += row[use[i]] * row[use[j]]
			}
			m[i][k] += row[use[i]]
		}
	}
	for i := range k { // Gauss-Jordan with pivots
		p := i
		for r := i + 1; r < k; r++ {
			if math.Abs(m[r][i]) > math.Abs(m[p][i]) {
				p = r
			}
		}
		if m[p][i] == 0 {
			return x, false
		}
		m[i], m[p] = m[p], m[i]
		for r := range k {
			if r == i {
				continue
			}
			f := m[r][i] / m[i][i]
			for c := i; c <= k; c++ {
				m[r][c] -= f * m[i][c]
			}
		}
	}
	for i, column := range use {
		x[column] = m[i][k] / m[i][i]
	}
	return x, true
}

func explained(u *USL, steps []Step) float64 {
	mean := 0.0
	for _, s := range steps {
		mean += s.Rate / float64(len(steps))
	}
	left, all := 0.0, 0.0
	for _, s := range steps {
		r, d := s.Rate-u.Rate(float64(s.Connections)), s.Rate-mean
		left += r * r
		all += d * d
	}
	if all == 0 {
		return 0
	}
	return 1 - left/all
}
