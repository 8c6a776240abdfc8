package service

import "context"

// MayOperate tells whether the asker may start, stop and signal the processes of a group, for faces that offer only what
// would be done.
func (s *Service) MayOperate(ctx context.Context, group string) bool {
	return mayTouch(ctx, doStart, group) == nil
}

// MayUpdate tells whether the asker may bring what runs in line with the configuration.
func MayUpdate(ctx context.Context) bool {
	for _, v := range []verb{doReload, doAddGroup, doRemoveGroup, doStop} {
		if may(ctx, v) != nil {
			return false
		}
	}
	return true
}
