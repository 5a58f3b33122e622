package suspects

// The open issues of hashicorp/raft, by number.
var knownIssues = []Known{
	{
		Number: 612, Title: "a follower is never replicated to again",
		Breaks: []string{"LiveAfterHealing"}, schedule: "612.schedule",
	},
	{
		Number: 695, Title: "two different entries at one index and term", Breaks: []string{"LogMatching",
			"StateMachineSafety", "LeaderCompleteness"},
		schedule: "695.schedule", looks: []int{4, 5, 3, 6, 7, 2},
	},
	{
		Number: 696, Title: "a leader that refuses every write for good",
		Breaks: []string{"LiveAfterHealing"}, schedule: "696.schedule",
	},
	{
		Number: 697, Title: "a follower gets the same snapshot again and again",
		Breaks: []string{"LiveAfterHealing"}, schedule: "697.schedule",
	},
}
