"""Which IP addresses anybody may ask: those of the public internet, and no way around that."""

import ipaddress

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 networks that lead to an IPv4 address in their last (or, for 6to4, first) bits: that one is judged too.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_LAST_32_BITS = 2**32 - 1


def is_public(text: str) -> bool:
    """Whether the IP address is in no private, local, shared, reserved or multicast network."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(each) for each in (address, *_inner(address)))


def _is_public(address: IpAddress) -> bool:
    refused = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_reserved and not _is_translated(address),
        address.is_unspecified,
        isinstance(address, ipaddress.IPv6Address) and address.is_site_local,
    )
    return address.is_global and not any(refused)


def _is_translated(address: IpAddress) -> bool:
    return any(address in network for network in _NAT64)


def _inner(address: IpAddress) -> list[IpAddress]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner: list[IpAddress | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if _is_translated(address) or address in _COMPATIBLE:
        inner.append(ipaddress.IPv4Address(int(address) & _LAST_32_BITS))
    return [each for each in inner if each is not None]
