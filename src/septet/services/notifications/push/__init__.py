"""Push: Web Push for real (VAPID, RFC 8291 encryption), FCM HTTP v1 behind the same port."""
