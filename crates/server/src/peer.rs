//! Whose a local connection is, as `/proc/net/tcp` tells.

use std::net::SocketAddr;

/// The user of the process at `peer`, connected to `own`; none if it is not one of this machine.
pub(crate) fn user_of(peer: SocketAddr, own: SocketAddr) -> Option<u32> {
    let table = std::fs::read_to_string("/proc/net/tcp");
    owner(&table.unwrap_or_default(), peer, own)
}

/// The user of the socket at `peer` that is connected to `own`.
/// Source: the kernel's documentation, "proc_net_tcp".
fn owner(table: &str, peer: SocketAddr, own: SocketAddr) -> Option<u32> {
    let (peer, own) = (written(peer)?, written(own)?);
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let same = fields.next()? == peer && fields.next()? == own;
        // State, queues, timer, retransmits.
        same.then(|| fields.nth(4)?.parse().ok()).flatten()
    })
}

/// As the table has it: the address in the machine's order of bytes.
fn written(address: SocketAddr) -> Option<String> {
    match address {
        SocketAddr::V4(address) => {
            let number = u32::from_ne_bytes(address.ip().octets());
            Some(format!("{number:08X}:{:04X}", address.port()))
        }
        SocketAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_has_the_user_who_made_it() {
        let listener = TcpListener::bind("127.9.8.7:0").unwrap();
        let own = listener.local_addr().unwrap();
        let stream = TcpStream::connect(own).unwrap();
        let peer = stream.local_addr().unwrap();
        let user = rustix::process::geteuid().as_raw();
        assert_eq!(user_of(peer, own), Some(user));
        let elsewhere = "127.9.8.7:1".parse().unwrap();
        assert_eq!(user_of(elsewhere, own), None);
        assert_eq!(owner("", peer, own), None);
        assert_eq!(owner("sl local\n 0: 1 2\n\n", peer, own), None);
    }
}
