package report

import "math"

// segments splits points where Y is a gap or where the scales have no place
// for a point.
func segments(points []Point, x, y Scale) [][]Point {
	var out [][]Point
	var current []Point
	for _, p := range points {
		if !isFinite(scaled(x, p.X)) || !isFinite(scaled(y, p.Y)) {
			if len(current) > 0 {
				out = append(out, current)
			}
			current = nil
			continue
		}
		current = append(current, p)
	}
	if len(current) > 0 {
		out = append(out, current)
	}
	return out
}

// downsample returns at most about n points that look like all of them. It is
// Largest Triangle Three Buckets: S. Steinarsson, "Downsampling Time Series for
// Visual Representation", University of Iceland, 2013.
func downsample(points []Point, n int) []Point {
	if n < 3 || len(points) <= n {
		return points
	}
	out := make([]Point, 0, n)
	out = append(out, points[0])
	bucket := float64(len(points)-2) / float64(n-2)
	for i := range n - 2 {
		from, to := int(float64(i)*bucket)+1, int(float64(i+1)*bucket)+1
		next := mean(points[to:min(int(float64(i+2)*bucket)+1, len(points))])
		out = append(out, largestTriangle(out[len(out)-1], points[from:to], next))
	}
	return append(out, points[len(points)-1])
}

func mean(points []Point) Point {
	var sum Point
	for _, p := range points {
		sum.X += p.X / float64(len(points))
		sum.Y += p.Y / float64(len(points))
	}
	return sum
}

// largestTriangle is the candidate that spans the largest triangle with the
// point before it and the mean of those after it.
func largestTriangle(before Point, candidates []Point, after Point) Point {
	best, largest := candidates[0], -1.0
	for _, p := range candidates {
		area := math.Abs((before.X-after.X)*(p.Y-before.Y) - (before.X-p.X)*(after.Y-before.Y))
		if area > largest {
			best, largest = p, area
		}
	}
	return best
}
