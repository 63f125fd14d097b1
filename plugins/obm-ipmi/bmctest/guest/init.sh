#!/bin/busybox sh
# The first program of the guest: it makes the machine usable, and gives a shell on the serial port.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root PS1='guest# '
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

# What poweroff and reboot tell the first program.
trap 'poweroff -f' USR2
trap 'reboot -f' TERM

while read -r module; do insmod "$module"; done </etc/modules
. /etc/script

cd /root || exit
echo "guest: $(uname -r) is up after $(cut -d' ' -f1 /proc/uptime) s"
# A shell that is left is followed by the next.
while :; do
	setsid cttyhack sh &
	wait $!
done
