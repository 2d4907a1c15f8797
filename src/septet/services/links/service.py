"""Links, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="links", title="Links: a URL shortener with click analytics")
