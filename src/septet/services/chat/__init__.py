"""Chat: rooms, direct messages, presence and read state, over WebSockets and HTTP.

Promises: a message that was acknowledged is stored; each room has one gapless order, the same for everybody; a message
is stored once however often it is sent; who resumes misses nothing; private rooms show nothing to outsiders.
Not promised: typing and presence are told at most once and never stored.

For integrations, in any unit of work of the tenant (`actions.automation`; all may be repeated):

    await ensure_room(uow, f"project:{id}", name="Apollo", owner_id=user_id, member_ids=[...], visibility="private",
                      topic="") -> UUID                       # the one room of that subject
    await room_of(uow, f"project:{id}") -> UUID | None
    await add_members(uow, room_id, user_ids) -> None         # RoomNotFound
    await post_notice(uow, room_id, "**T-1** is done", key=f"task:{event_id}", event="task_changed", taskId=str(id))
        -> UUID                                               # RoomNotFound, RoomArchived, MessageTooLong

`events.MessageMissed(tenant_id, room_id, room_name, message_id, seq, author_id, author_name, user_id, reason, excerpt)`
tells of a member who was offline when they were mentioned (`reason`: mention, room_mention) or written to (direct).
"""
