package libvirttest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// folders are those that the daemon sees in place of the system's, with the mount points that host.sh wants.
var folders = []string{"dev", "etc/libvirt", "run/lock", "run/sshd", "var/lib", "var/cache", "var/log", "sockets", "pool"}

// accounts are those that libvirt wants to exist, although it is told to use root, and sshd.
var accounts = map[string]int{"libvirt-qemu": 64055, "sshd": 64056}

// write lays out the host's folder.
func write(dir string) error {
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	for name, content := range map[string]string{
		"libvirtd.conf":         strings.ReplaceAll(libvirtdConf, "DIR", dir),
		"etc/libvirt/qemu.conf": qemuConf,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	if err := writeAccounts(dir, "/etc/passwd", "%[1]s:x:%[2]d:%[2]d::/:/usr/sbin/nologin\n"); err != nil {
		return err
	}
	return writeAccounts(dir, "/etc/group", "%s:x:%d:\n")
}

// writeAccounts copies a list of accounts and adds a line for each that is not there.
func writeAccounts(dir, path, line string) error {
	list, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for name, number := range accounts {
		if !bytes.Contains(list, []byte("\n"+name+":")) {
			list = fmt.Appendf(list, line, name, number)
		}
	}
	return os.WriteFile(filepath.Join(dir, path), list, 0o644)
}

const libvirtdConf = `unix_sock_dir = "DIR/sockets"
auth_unix_rw = "none"
auth_unix_ro = "none"
listen_tls = 1
auth_tls = "none"
ca_file = "DIR/ca.pem"
cert_file = "DIR/cert.pem"
key_file = "DIR/key.pem"
host_uuid_source = "machine-id"
log_outputs = "3:stderr"
`

// qemuConf keeps the machines from all that is not theirs: no user but root, no cgroups, no log daemon.
const qemuConf = `user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
stdio_handler = "file"
cgroup_controllers = []
namespaces = []
`
