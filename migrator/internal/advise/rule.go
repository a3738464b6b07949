package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/shared/report"
)

// guide is where the rules are explained.
const guide = "docs/references/database_optimization_guide.md"

// The categories of findings.
const (
	categoryStructure = "structure"
	categoryIndex     = "index"
	categoryType      = "type"
	categoryNaming    = "naming"
	categoryWorkload  = "workload"
)

// rule is one thing to look for.
type rule struct {
	code     string          // stable
	category string          // one of the above
	severity report.Severity // unless a finding says otherwise
	section  string          // of the guide
	find     func(*digest) []Finding
}

// rules are all of them, structure first.
func rules() []rule {
	const (
		bad  = report.SeverityError
		warn = report.SeverityWarning
		info = report.SeverityInfo
	)
	return []rule{
		{"no-primary-key", categoryStructure, bad, "#primary-keys", noPrimaryKey},
		{"invalid-index", categoryIndex, bad, "#index-maintenance", invalidIndex},
		{"fk-without-index", categoryIndex, warn, "#foreign-keys", fkWithoutIndex},
		{"fk-type-mismatch", categoryType, warn, "#foreign-keys", fkTypeMismatch},
		{"duplicate-index", categoryIndex, warn, "#index-maintenance", duplicateIndex},
		{"redundant-index", categoryIndex, warn, "#index-maintenance", redundantIndex},
		{"nullable-unique", categoryStructure, info, "#constraints", nullableUnique},
		{"id-range", categoryType, info, "#data-types", idRange},
		{"sequence-range", categoryType, info, "#data-types", sequenceRange},
		{"float-amount", categoryType, warn, "#data-types", floatAmount},
		{"money-type", categoryType, warn, "#data-types", moneyType},
		{"char-type", categoryType, warn, "#data-types", charType},
		{"timestamp-without-time-zone", categoryType, warn, "#data-types", timestampWithoutZone},
		{"json-type", categoryType, info, "#data-types", jsonType},
		{"serial-column", categoryType, info, "#data-types", serialColumn},
		{"varchar-without-length", categoryType, info, "#data-types", varcharWithoutLength},
		{"fk-look-alike", categoryStructure, info, "#foreign-keys", fkLookAlike},
		{"missing-not-null", categoryStructure, info, "#constraints", missingNotNull},
		{"enum-like-text", categoryType, info, "#data-types", enumLikeText},
		{"mixed-case-name", categoryNaming, info, "#naming", mixedCaseName},
		{"reserved-name", categoryNaming, info, "#naming", reservedName},
		{"mixed-plural", categoryNaming, info, "#naming", mixedPlural},
		{"no-timestamps", categoryStructure, info, "#naming", noTimestamps},
		{"n-plus-one", categoryWorkload, warn, "#n1-queries", nPlusOne},
		{"slow-statement", categoryWorkload, warn, "#queries", slowStatements},
		{"lazy-relation", categoryWorkload, info, "#n1-queries", lazyRelation},
		{"seq-scan", categoryWorkload, warn, "#queries", seqScans},
		{"unused-index", categoryIndex, info, "#index-maintenance", unusedIndex},
		{"never-analyzed", categoryWorkload, warn, "#upkeep", neverAnalyzed},
		{"dead-rows", categoryWorkload, warn, "#upkeep", deadRowsLag},
		{"table-bloat", categoryWorkload, warn, "#upkeep", tableBloat},
		{"index-bloat", categoryWorkload, warn, "#upkeep", indexBloat},
		{"wraparound", categoryWorkload, warn, "#upkeep", wraparoundAge},
		{"long-transaction", categoryWorkload, warn, "#sessions", longTransactions},
		{"idle-transaction", categoryWorkload, warn, "#sessions", idleTransactions},
		{"lock-wait", categoryWorkload, warn, "#sessions", lockWaits},
		{"connection-limit", categoryWorkload, warn, "#sessions", connectionLimit},
		{"cache-misses", categoryWorkload, warn, "#queries", cacheMisses},
		{"temp-files", categoryWorkload, info, "#queries", tempFiles},
		{"idle-replication-slot", categoryWorkload, warn, "#upkeep", idleSlots},
	}
}

// Codes lists the codes of all rules.
func Codes() []string {
	var codes []string
	for _, r := range rules() {
		codes = append(codes, r.code)
	}
	return codes
}

// Selection is which rules to apply. The zero value is all of them.
type Selection struct {
	only []string // empty means all
	off  []string
}

// Select reads what --rules says: "a,b" applies only these rules, "a=off,b=off"
// all but these. Names that are no rule's are refused.
func Select(text string) (Selection, error) {
	var s Selection
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		code, how, switched := strings.Cut(item, "=")
		if !slices.Contains(Codes(), code) {
			return Selection{}, fmt.Errorf("no rule is called %q (there are %s)", code, strings.Join(Codes(), ", "))
		}
		switch {
		case !switched, how == "on":
			s.only = append(s.only, code)
		case how == "off":
			s.off = append(s.off, code)
		default:
			return Selection{}, fmt.Errorf("rule %s is turned =on or =off, not %q", code, how)
		}
	}
	return s, nil
}

func (s Selection) has(code string) bool {
	return (len(s.only) == 0 || slices.Contains(s.only, code)) && !slices.Contains(s.off, code)
}

// Section is the anchor of the guide's section that explains a rule; empty for
// a code that is no rule's.
func Section(code string) string {
	for _, r := range rules() {
		if r.code == code {
			return r.section
		}
	}
	return ""
}
