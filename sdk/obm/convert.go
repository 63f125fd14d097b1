package obm

import (
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

func powerToProto(p Power) pb.Power {
	switch p {
	case PowerOff:
		return pb.Power_POWER_OFF
	case PowerOn:
		return pb.Power_POWER_ON
	default:
		return pb.Power_POWER_UNSPECIFIED
	}
}

func powerFromProto(p pb.Power) Power {
	switch p {
	case pb.Power_POWER_OFF:
		return PowerOff
	case pb.Power_POWER_ON:
		return PowerOn
	default:
		return PowerUnknown
	}
}

func bootToProto(d BootDevice) pb.BootDevice {
	switch d {
	case BootNone:
		return pb.BootDevice_BOOT_DEVICE_NONE
	case BootDisk:
		return pb.BootDevice_BOOT_DEVICE_DISK
	case BootPXE:
		return pb.BootDevice_BOOT_DEVICE_PXE
	default:
		return pb.BootDevice_BOOT_DEVICE_UNSPECIFIED
	}
}

// bootFromProto refuses what it does not know, because a wrong guess would boot a node from the wrong place.
func bootFromProto(d pb.BootDevice) (BootDevice, error) {
	switch d {
	case pb.BootDevice_BOOT_DEVICE_NONE:
		return BootNone, nil
	case pb.BootDevice_BOOT_DEVICE_DISK:
		return BootDisk, nil
	case pb.BootDevice_BOOT_DEVICE_PXE:
		return BootPXE, nil
	default:
		return "", &sdk.Error{Code: sdk.Invalid, Text: "a boot device must be none, disk or pxe"}
	}
}
