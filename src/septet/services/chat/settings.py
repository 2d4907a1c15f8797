"""Settings of the chat service (`SEPTET_CHAT_…`)."""

from pydantic import Field

from septet.kernel.config import ServiceSettings


class ChatSettings(ServiceSettings, service="chat"):
    max_body_bytes: int = Field(8192, ge=1, le=1_048_576, description="Largest message body, in bytes of UTF-8.")
    batch_size: int = Field(256, ge=1, le=5000, description="Messages stored by one insert, at most.")
    receipts_up_to: int = Field(50, ge=2, description="Members up to which a room's read cursors are told to all.")
    presence_up_to: int = Field(100, ge=2, description="Members up to which a room's members learn of presence.")

    max_frame_bytes: int = Field(65_536, ge=1024, description="Largest frame and message a client may send, in bytes.")
    frames_per_second: int = Field(1000, ge=1, description="Frames a second that a connection may send for long.")
    frame_burst: int = Field(2000, ge=1, description="Frames a connection may send at once.")
    subscriptions: int = Field(1000, ge=1, description="Rooms that a connection may follow.")
    buffer_bytes: int = Field(
        1_048_576, ge=65_536, description="What may wait for a slow client, in bytes; beyond it is closed."
    )
    connections: int = Field(50_000, ge=1, description="Connections that a gateway process accepts.")
    hello_seconds: float = Field(10, gt=0, description="Time a new connection has to say hello, in seconds.")
    heartbeat_seconds: float = Field(25, gt=0, description="Silence after which a client is pinged, in seconds.")
    recheck_seconds: float = Field(
        15, gt=0, description="How often a connection's token is verified again, in seconds."
    )
    reconcile_seconds: float = Field(
        5,
        gt=0,
        description="How often rooms are compared with the database, in case a publication was lost, in seconds.",
    )
    restart_spread_seconds: float = Field(
        3, ge=0, description="Over how long clients are told to spread their reconnection at a restart, in seconds."
    )
