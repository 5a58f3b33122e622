package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A line in another language is unread. What it says may be what later lines follow from: a client
// that crashes there owns nothing any more. Such a later line is not judged by a run in which the
// client lives: it is unread too, and names the line that it may follow from.

// doubts notes that a line in another language may be a call or a fault, and marks the lines that
// may follow from it.
func (c *compiler) doubts(a *Act, err error) {
	var m *misread
	switch {
	case errors.As(err, &m) && m.foreign:
		fails := failing(a.Text, alienFaults) || faultWords.in(a.plain())
		if fails {
			c.lives(a)
		}
		if slices.ContainsFunc(strings.Split(a.From, ","), func(name string) bool {
			return c.cast.Roles[name].Kind == RoleServer
		}) {
			c.alienServers = a.Pos.Line
		}
		fails = fails || failing(a.Text, alienEnds)
		if a.To == "" && slices.ContainsFunc(strings.Split(a.From, ","), func(name string) bool {
			return c.owns[name] != ""
		}) {
			fails = true // a note over one who holds something: it may say that he loses it
		}
		if from := c.cast.Roles[a.From].Kind; fails || from == RoleClient && a.To != a.From &&
			c.cast.Roles[a.To].Kind == RoleEnsemble {
			c.alien = a.Pos.Line
		}
	case a.Kind == Remark && c.aliens[a.From] > 0 && wakeWords.in(a.plain()) && !c.script.strict:
		a.problem(&misread{foreign: true, why: fmt.Sprintf("the pause that ends here may be in line %d, "+
			"which was not played because it is in another language", c.aliens[a.From])})
	case a.Kind == Heartbeat:
		a.Doubt = max(c.aliens[a.From], c.aliens[a.To])
	case a.Kind == Reply, a.Kind == Event, a.Kind == Happening, a.Kind == Call:
		a.Doubt = c.alien
	case a.Kind == Packet:
		a.Doubt = c.alienServers
	}
}

// lives notes that a line in another language may say that a client fails: the clients that it
// names, or else all that it is over.
func (c *compiler) lives(a *Act) {
	over := strings.Split(a.From, ",")
	var named []string
	for _, name := range over {
		if c.cast.Roles[name].Kind == RoleClient && strings.Contains(a.Text, c.cast.Drawn(name)) {
			named = append(named, name)
		}
	}
	if named == nil {
		named = over
	}
	for _, name := range named {
		if c.cast.Roles[name].Kind == RoleClient {
			c.aliens[name] = a.Pos.Line
		}
	}
}

// failing reports whether a text in another language has one of some words.
func failing(text string, list []string) bool {
	text = strings.ToLower(text)
	for _, w := range list {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// alienFaults are words or stems of other languages for faults: goes offline, crashes, fails, is
// cut off, times out, stops, restarts. alienEnds are words for the end of a session or a node.
var (
	alienFaults = strings.Fields(`下线 离线 宕机 崩溃 挂掉 挂了 故障 断开 断连 断线 中断 超时 失效 退出 停止 停顿
		重启 分区 隔离 宕 下線 當機 崩潰 斷線 逾時 重啟
		クラッシュ 障害 停止 切断 ダウン タイムアウト 再起動 落ち
		장애 다운 종료 끊 중단 죽 재시작 타임아웃
		пада упал отказ сбой отключ перезапус завис таймаут
		cae caída caida falla muere cai falha morre stürzt tombe plante muore`)
	alienEnds = strings.Fields(`过期 删除 過期 刪除 失効 期限切れ 削除 만료 삭제 истек удал
		expira abgelaufen expire`)
)
