"""An invitation becomes an e-mail to the invited address, with the link that accepts it."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.events import InvitationMailRequested


@on(InvitationMailRequested)
async def send_invitation(uow: UnitOfWork, event: InvitationMailRequested) -> None:
    """One mail for each token: a resent invitation has a new one."""
    await notify(
        uow,
        template="tenancy.invitation",
        email=event.email,
        channels=["email"],
        locale=event.locale,
        data={
            "inviterName": event.inviter_name,
            "organizationName": event.organization_name,
            "token": event.token,
            "link": f"{uow.public_url}/console/invitation?token={event.token}",
        },
        key=f"invitation:{event.invitation_id}:{event.token[-12:]}",
    )
