# The first process of a namespace of processes: all others end with it, and it ends with its standard input. It runs
# libvirtd in the folder that is its first argument, with the others as options, and does what it is told, a word a line; it
# says "done" after each.
set -eu
dir=$1
shift

mount --make-rprivate /
mount -t proc proc /proc
# The links of the network that the daemon lives in, and no others.
mount -t sysfs sysfs /sys
# Devices without KVM: where it does not run guests, libvirt takes a minute to find out; without it, it uses emulation at
# once. A KVM that is there and of no use would be looked at again with each change.
mount -t tmpfs -o mode=755 devices "$dir/dev"
mkdir "$dir/dev/net" "$dir/dev/pts" "$dir/dev/shm"
for device in null zero full random urandom tty net/tun; do
	touch "$dir/dev/$device"
	mount --bind "/dev/$device" "$dir/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666 terminals "$dir/dev/pts"
ln -s pts/ptmx "$dir/dev/ptmx"
mount --move "$dir/dev" /dev
for private in etc/libvirt etc/passwd etc/group run var/lib var/cache var/log; do
	mount --bind "$dir/$private" "/$private"
done

# Screens are on the loopback.
ip link set lo up

# Whoever is let in over SSH is on the host.
if [[ ${SSHD-} ]]; then
	"$SSHD" -f "$dir/sshd.conf" -E "$dir/sshd.log"
fi

echo done
while read -r what; do
	case $what in
	start)
		libvirtd "$@" --config "$dir/libvirtd.conf" --pid-file "$dir/libvirtd.pid" </dev/null >>"$dir/libvirtd.log" 2>&1 &
		libvirtd=$!
		;;
	kill)
		kill -KILL "$libvirtd"
		wait "$libvirtd" 2>/dev/null || true
		;;
	freeze) kill -STOP "$libvirtd" ;;
	thaw) kill -CONT "$libvirtd" ;;
	esac
	echo done
done
