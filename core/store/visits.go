package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Work is a port that its switch's lane has to visit, with all that says what it should carry.
type Work struct {
	core.Port
	// NICID and ProjectID are 0 where the port has no NIC, or its node is free.
	NICID     int64 `bun:"nic_id"`
	ProjectID int64 `bun:"project_id"`
	// NIC and Node are what the port is cabled to, empty where it has no NIC.
	NIC  string `bun:"nic"`
	Node string `bun:"node"`
	// Attached are the networks on the NIC, as last seen.
	Attached []Attached `bun:"-"`
	// Action is the NIC's pending action, nil if it has none.
	Action *core.Action `bun:"-"`
	// Connect is the network that the action connects, nil if it connects none.
	Connect *core.Network `bun:"-"`
}

// Due reports whether the port may be visited now; else it is to be left alone until RetryAt.
func (w Work) Due(now int64) bool { return w.RetryAt <= now }

// workRow is a port with its NIC's pending action, whose ID is 0 if there is none, and the VLAN that connects.
type workRow struct {
	Work
	Pending core.Action `bun:"embed:action_"`
	VLAN    int         `bun:"vlan"`
}

// Work are the ports of a switch that are not settled, due or put off, in the order in which their actions were asked
// for; ports without one come first. The number of statements does not depend on the number of ports. Port, owner and
// action are read in one statement, so they belong together.
func (q Queries) Work(ctx context.Context, sw int64) ([]Work, error) {
	return q.work(ctx, q.workRows().Where("p.switch_id = ?", sw).Where("p.seen_gen < p.wanted_gen").OrderExpr("COALESCE(a.id, 0), p.id"))
}

// Settled are the ports of a switch that are kept and have no work, each with what it should carry.
func (q Queries) Settled(ctx context.Context, sw int64) ([]Work, error) {
	return q.work(ctx, q.workRows().Where("p.switch_id = ?", sw).
		Where("p.seen_gen >= p.wanted_gen").Where("p.wanted_gen > 0").OrderExpr("p.id"))
}

// Ports are all ports of a switch, sorted by label, each with what it should carry.
func (q Queries) Ports(ctx context.Context, sw int64) ([]Work, error) {
	return q.work(ctx, q.workRows().Where("p.switch_id = ?", sw).OrderExpr("p.label"))
}

// PortWork is one port with what it should carry.
func (q Queries) PortWork(ctx context.Context, port int64) (Work, error) {
	found, err := q.work(ctx, q.workRows().Where("p.id = ?", port))
	if err != nil || len(found) == 0 {
		return Work{}, cmp.Or(err, error(core.Errorf(core.NotFound, "the port does not exist any more")))
	}
	return found[0], nil
}

func (q Queries) workRows() *bun.SelectQuery {
	return q.db.NewSelect().TableExpr("ports AS p").
		ColumnExpr("p.*, i.id AS nic_id, i.label AS nic, n.project_id, n.label AS node, w.vlan").
		ColumnExpr("a.id AS action_id, a.uuid AS action_uuid, a.node AS action_node, a.nic AS action_nic").
		ColumnExpr("a.type AS action_type, a.channel AS action_channel").
		ColumnExpr("a.network_id AS action_network_id, a.new_network AS action_new_network").
		Join("LEFT JOIN nics AS i ON i.port_id = p.id").
		Join("LEFT JOIN nodes AS n ON n.id = i.node_id").
		Join("LEFT JOIN actions AS a ON a.nic_id = i.id AND a.status = ?", core.Pending).
		Join("LEFT JOIN networks AS w ON w.id = a.network_id")
}

func (q Queries) work(ctx context.Context, ports *bun.SelectQuery) ([]Work, error) {
	var rows []workRow
	if err := ports.Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	nics := make([]int64, 0, len(rows))
	for _, r := range rows {
		nics = append(nics, r.NICID)
	}
	attached, err := q.attached(ctx, nics)
	if err != nil {
		return nil, err
	}
	return assemble(rows, attached), nil
}

func assemble(rows []workRow, attached []Attached) []Work {
	onNIC := map[int64][]Attached{}
	for _, a := range attached {
		onNIC[a.NICID] = append(onNIC[a.NICID], a)
	}
	work := make([]Work, 0, len(rows))
	for _, r := range rows {
		w := r.Work
		w.Attached = onNIC[r.NICID]
		if r.Pending.ID != 0 {
			w.Action = &r.Pending
		}
		if r.Pending.NetworkID != 0 {
			w.Connect = &core.Network{ID: r.Pending.NetworkID, Label: r.Pending.NewNetwork, VLAN: r.VLAN}
		}
		work = append(work, w)
	}
	return work
}

// notesAtOnce bounds a statement that notes VLANs: a port that carries all there are has 4094.
const notesAtOnce = 10_000

// NotePortVLANs records, before the device is told, that ports may carry VLANs.
func (q Queries) NotePortVLANs(ctx context.Context, notes []core.PortVLAN) error {
	for some := range slices.Chunk(notes, notesAtOnce) {
		if _, err := q.db.NewInsert().Model(&some).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return translate(err)
		}
	}
	return nil
}

// PutOff leaves a port alone until a time without having tried it.
func (q Queries) PutOff(ctx context.Context, w Work, until int64) error {
	_, err := q.db.NewUpdate().Table("ports").Set("retry_at = ?", until).
		Where("id = ?", w.Port.ID).Where("wanted_gen = ?", w.WantedGen).Exec(ctx)
	return translate(err)
}

// Outcome is what a visit made of a port.
type Outcome struct {
	Work
	// Seen says that the device was read back and shows just what was wanted; VLANs are what it carries.
	Seen  bool
	VLANs []int
	// Failure ends the action as failed, in the device's words. The port stays wanted, as it was before the action.
	Failure string
	// Retry is why the port is to be visited again at RetryAt; the action stays pending.
	Retry   string
	RetryAt int64
}

// Settle writes what a visit made of ports: in one transaction, actions end, attachments change, ports are seen.
func (q Queries) Settle(ctx context.Context, outcomes []Outcome) error {
	steps := []func(context.Context, []Outcome) error{q.settleDone, q.settleSeen, q.settleFailed, q.settleRetry}
	for _, step := range steps {
		if err := step(ctx, outcomes); err != nil {
			return err
		}
	}
	return nil
}

// settleDone ends the actions that the device shows, and moves the attachments accordingly.
func (q Queries) settleDone(ctx context.Context, outcomes []Outcome) error {
	var ended, cleared []int64
	var gone []core.Attachment
	var added []core.Attachment
	for _, o := range outcomes {
		if !o.Seen || o.Action == nil {
			continue
		}
		ended = append(ended, o.Action.ID)
		switch {
		case o.Action.Type == core.RevertPort:
			cleared = append(cleared, o.NICID)
		case o.Connect != nil:
			added = append(added, core.Attachment{NICID: o.NICID, NetworkID: o.Connect.ID, Channel: o.Action.Channel})
		default:
			gone = append(gone, core.Attachment{NICID: o.NICID, Channel: o.Action.Channel})
		}
	}
	if err := q.endActions(ctx, ended, core.Done, ""); err != nil {
		return err
	}
	return q.moveAttachments(ctx, cleared, gone, added)
}

func (q Queries) moveAttachments(ctx context.Context, cleared []int64, gone, added []core.Attachment) error {
	del := q.db.NewDelete().Model((*core.Attachment)(nil)).Where("nic_id IN (?)", bun.List(cleared))
	for _, a := range gone {
		del = del.WhereOr("nic_id = ? AND channel = ?", a.NICID, a.Channel)
	}
	if len(cleared)+len(gone) > 0 {
		if _, err := del.Exec(ctx); err != nil {
			return translate(err)
		}
	}
	if len(added) == 0 {
		return nil
	}
	_, err := q.db.NewInsert().Model(&added).Exec(ctx)
	return translate(err)
}

func (q Queries) endActions(ctx context.Context, ids []int64, status core.ActionStatus, reason string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := q.db.NewUpdate().Table("actions").
		Set("status = ?", status).Set("error = ?", reason).Set("finished_at = ?", q.millis()).
		Set("nic_id = NULL").Set("network_id = NULL").
		Where("id IN (?)", bun.List(ids)).Where("status = ?", core.Pending).Exec(ctx)
	return translate(err)
}

// settleSeen notes what the ports were seen to carry, and that the generation visited is the one on the device.
func (q Queries) settleSeen(ctx context.Context, outcomes []Outcome) error {
	var ports []int64
	var carried []core.PortVLAN
	for _, o := range outcomes {
		if !o.Seen {
			continue
		}
		ports = append(ports, o.Port.ID)
		for _, v := range o.VLANs {
			carried = append(carried, core.PortVLAN{PortID: o.Port.ID, VLAN: v})
		}
	}
	if len(ports) == 0 {
		return nil
	}
	if err := q.keepPortVLANs(ctx, ports, carried); err != nil {
		return err
	}
	return q.seeGenerations(ctx, outcomes)
}

// keepPortVLANs makes what is noted of the ports just what they carry. Most of it was noted before the visit and stays
// as it is, which is far cheaper than to write it anew.
func (q Queries) keepPortVLANs(ctx context.Context, ports []int64, carried []core.PortVLAN) error {
	del := q.db.NewDelete().Model((*core.PortVLAN)(nil)).Where("port_id IN (?)", bun.List(ports))
	if len(carried) > 0 {
		keep := make([]bun.TupleValues, 0, len(carried))
		for _, c := range carried {
			keep = append(keep, bun.Tuple([]int64{c.PortID, int64(c.VLAN)}))
		}
		del = del.Where("(port_id, vlan) NOT IN (VALUES ?)", bun.List(keep))
	}
	if _, err := del.Exec(ctx); err != nil {
		return translate(err)
	}
	return q.NotePortVLANs(ctx, carried)
}

func (q Queries) seeGenerations(ctx context.Context, outcomes []Outcome) error {
	byGen := map[int64][]int64{}
	for _, o := range outcomes {
		if o.Seen {
			byGen[o.WantedGen] = append(byGen[o.WantedGen], o.Port.ID)
		}
	}
	for gen, ports := range byGen {
		_, err := q.db.NewUpdate().Table("ports").
			Set("seen_gen = ?", gen).Set("attempts = 0").Set("retry_at = 0").Set("last_error = ''").
			Where("id IN (?)", bun.List(ports)).Exec(ctx)
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// settleFailed ends actions as failed; their ports are wanted afresh, as they were before.
func (q Queries) settleFailed(ctx context.Context, outcomes []Outcome) error {
	for _, o := range outcomes {
		if o.Failure == "" {
			continue
		}
		if err := q.endActions(ctx, []int64{o.Action.ID}, core.Failed, o.Failure); err != nil {
			return err
		}
		if err := q.WantPort(ctx, o.Port.ID); err != nil {
			return err
		}
	}
	return nil
}

// settleRetry puts off the next visit of ports, unless something new is wanted of them.
func (q Queries) settleRetry(ctx context.Context, outcomes []Outcome) error {
	for _, o := range outcomes {
		if o.Retry == "" {
			continue
		}
		_, err := q.db.NewUpdate().Table("ports").
			Set("attempts = attempts + 1").Set("retry_at = ?", o.RetryAt).Set("last_error = ?", o.Retry).
			Where("id = ?", o.Port.ID).Where("wanted_gen = ?", o.WantedGen).Exec(ctx)
		if err != nil {
			return translate(err)
		}
	}
	return nil
}
