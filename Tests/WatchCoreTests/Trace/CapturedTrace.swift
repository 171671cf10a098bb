/// Trace events that Linux 6.18 wrote when a process opened and closed connections to port 18099, in hexadecimal, and the
/// formats that it named beside them.
enum CapturedTrace {
    static let page = """
        e6382f688a330000f80200000000000012000000ef080000ca0400008037c7f78288ffff07000000020000000000b34602000600 \
        7f0000017f00000100000000000000000000ffff7f00000100000000000000000000ffff7f00000172d20c00ef080000ca040000 \
        8037c7f78288ffff020000000100000032b3b346020006007f0000017f00000100000000000000000000ffff7f00000100000000 \
        000000000000ffff7f000001922e2e00ef080000ca0400008037c7f78288ffff010000000400000032b3b346020006007f000001 \
        7f00000100000000000000000000ffff7f00000100000000000000000000ffff7f000001b2250200ef081002ca040000c01bc7f7 \
        8288ffff0100000008000000b34632b3020006007f0000017f00000100000000000000000000ffff7f0000010000000000000000 \
        0000ffff7f000001f2cc2700ef080000ca04000000ce7a638288ffff07000000020000000000b3460a0006000000000000000000 \
        000000000000000000000000000000010000000000000000000000000000000132080900ef080000ca04000000ce7a638288ffff \
        0200000001000000c0b4b3460a000600000000000000000000000000000000000000000000000001000000000000000000000000 \
        0000000132411000ef080000ca040000c0d77a638288ffff0100000004000000b346c0b40a0006007f0000067f00000600000000 \
        00000000000000000000000100000000000000000000000000000001d2bd0100ef081002ca04000000ce7a638288ffff01000000 \
        08000000c0b4b3460a00060000000000000000000000000000000000000000000000000100000000000000000000000000000001 \
        12861400ef080000ca040000c01bc7f78288ffff07000000020000000000b346020006007f0000017f0000010000000000000000 \
        0000ffff7f00000100000000000000000000ffff7f00000192f30500ef080000ca040000c01bc7f78288ffff0200000007000000 \
        40b3b346020006007f0000017f00000100000000000000000000ffff7f00000100000000000000000000ffff7f000001
        """
    static let format = """
        name: inet_sock_set_state
        ID: 2287
        format:
        field:unsigned short common_type; offset:0; size:2; signed:0;
        field:unsigned char common_flags; offset:2; size:1; signed:0;
        field:unsigned char common_preempt_count; offset:3; size:1; signed:0;
        field:int common_pid; offset:4; size:4; signed:1;

        field:const void * skaddr; offset:8; size:8; signed:0;
        field:int oldstate; offset:16; size:4; signed:1;
        field:int newstate; offset:20; size:4; signed:1;
        field:__u16 sport; offset:24; size:2; signed:0;
        field:__u16 dport; offset:26; size:2; signed:0;
        field:__u16 family; offset:28; size:2; signed:0;
        field:__u16 protocol; offset:30; size:2; signed:0;
        field:__u8 saddr[4]; offset:32; size:4; signed:0;
        field:__u8 daddr[4]; offset:36; size:4; signed:0;
        field:__u8 saddr_v6[16]; offset:40; size:16; signed:0;
        field:__u8 daddr_v6[16]; offset:56; size:16; signed:0;
        """
    static let header = """
        field: u64 timestamp; offset:0; size:8; signed:0;
        field: local_t commit; offset:8; size:8; signed:1;
        field: int overwrite; offset:8; size:1; signed:1;
        field: char data; offset:16; size:4080; signed:0;
        """
    static let pid = 1226
    static let (portV4, portV6): (UInt16, UInt16) = (45874, 46272)
}
