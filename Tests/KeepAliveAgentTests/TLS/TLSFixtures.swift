/// Certificates made for the TLS tests. The authority's key was thrown away. Valid from 2020 to the end of 2049 but for
/// those that are not to be. P-256.
enum TLSFixtures {
    /// Signed all of the others but `selfSigned` and `stranger`.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBiTCCAS+gAwIBAgIUHEavNqMjhc+hv4Fm5/ptLdfUjMMwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMCExHzAdBgNVBAMMFnBvb2x0b3AgdGVzdCBhdXRo
        b3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARTbnHrK/O5y6TgL3EZE2e/
        yaUMuOLlWTpnOwq0SqqgDjMsN9BjRRvVdSWydQh66gzQAFNJf/10QIgv+qBXXdtv
        o0UwQzASBgNVHRMBAf8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4E
        FgQUTa0mY9gSDo/xEgln1WP3N+5wsNkwCgYIKoZIzj0EAwIDSAAwRQIgKflhVMxA
        eIBxExcjIdaMYAFGOXiwX1HTd87AG2Ut+AUCIQCXOVpGGIghnAB+G9p3HMb2jRW2
        6Q6T2wVjS1N2VXlIfw==
        -----END CERTIFICATE-----

        """

    /// DNS names `www.example.test` and `xn--bcher-kva.example.test`.
    static let dns = """
        -----BEGIN CERTIFICATE-----
        MIIB2jCCAYCgAwIBAgIUDT73wdAqYwRK2910ybH8MwPr5vwwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgZ8wgZwwDAYD
        VR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU/YwSBgrJ
        YQ7ALNICDSi4J/cMfXAwHwYDVR0jBBgwFoAUTa0mY9gSDo/xEgln1WP3N+5wsNkw
        NwYDVR0RBDAwLoIQd3d3LmV4YW1wbGUudGVzdIIaeG4tLWJjaGVyLWt2YS5leGFt
        cGxlLnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIgeyvEq9JnA0kfhMIHL5TltHhL0gvv
        3Zk7xQw5tBflDDkCIQCABSNSc7cM78/Pzs+bno6XA2NaENDRos4TrtgTKlKx0Q==
        -----END CERTIFICATE-----

        """

    /// IP addresses 127.0.0.1 and ::1.
    static let ip = """
        -----BEGIN CERTIFICATE-----
        MIIBwzCCAWqgAwIBAgIUHjsTN7Bji65c18UheriF21h0hWkwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgYkwgYYwDAYD
        VR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU/YwSBgrJ
        YQ7ALNICDSi4J/cMfXAwHwYDVR0jBBgwFoAUTa0mY9gSDo/xEgln1WP3N+5wsNkw
        IQYDVR0RBBowGIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAKBggqhkjOPQQDAgNH
        ADBEAiA2aD3HICJVZsLbEm6jGs6FBixvHxjbX9C/JhKoPG9ygAIgd+epxtbkSbt+
        10S+YW5urq76ydfdK2SrVjNs46aZMOw=
        -----END CERTIFICATE-----

        """

    /// DNS name `*.example.test`.
    static let wildcard = """
        -----BEGIN CERTIFICATE-----
        MIIBvDCCAWGgAwIBAgIUGg3aozna7HAj+cxugndzEPgh0nUwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgYAwfjAMBgNV
        HRMBAf8EAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBT9jBIGCslh
        DsAs0gINKLgn9wx9cDAfBgNVHSMEGDAWgBRNrSZj2BIOj/ESCWfVY/c37nCw2TAZ
        BgNVHREEEjAQgg4qLmV4YW1wbGUudGVzdDAKBggqhkjOPQQDAgNJADBGAiEAuI9K
        lVOueYCrkyF1W9BADbfwi1lHZi0C7cA7NLBIYBsCIQCqJhq/UgBdkmAiuH40nrgT
        uvxyUhdgxQGMNahPqdVdMQ==
        -----END CERTIFICATE-----

        """

    /// No alternative names; the common name is `www.example.test`.
    static let commonName = """
        -----BEGIN CERTIFICATE-----
        MIIBpDCCAUmgAwIBAgIUMwbxT2Yxki9c6GevoeXLLM5pBvIwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBsxGTAXBgNVBAMMEHd3dy5leGFtcGxlLnRlc3Qw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS6R1rqO9/7gGrp0gJ2wEryfYKs+ZBc
        /YYXWC3HPNN3WlBMz/BBV5CTDlRrtUv3bI3HLTwYS0f6qK+2KI/iQ/tqo2UwYzAM
        BgNVHRMBAf8EAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBT9jBIG
        CslhDsAs0gINKLgn9wx9cDAfBgNVHSMEGDAWgBRNrSZj2BIOj/ESCWfVY/c37nCw
        2TAKBggqhkjOPQQDAgNJADBGAiEA1H1Fn8hLar8C2GXkxCboKAAsG69zL8vdFEPo
        ok+xz8ICIQDwAxI96xg9ktYglJE0Xwwz7zNgZBnGCIzcu/N9EH6EAA==
        -----END CERTIFICATE-----

        """

    /// All the names above; ended in 2020.
    static let expired = """
        -----BEGIN CERTIFICATE-----
        MIICAzCCAaigAwIBAgIULNs8DeLraWOQyJWlZEfhhyiUXxgwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw0yMTAxMDEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgccwgcQwDAYD
        VR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU/YwSBgrJ
        YQ7ALNICDSi4J/cMfXAwHwYDVR0jBBgwFoAUTa0mY9gSDo/xEgln1WP3N+5wsNkw
        XwYDVR0RBFgwVoIQd3d3LmV4YW1wbGUudGVzdIIaeG4tLWJjaGVyLWt2YS5leGFt
        cGxlLnRlc3SHBH8AAAGHEAAAAAAAAAAAAAAAAAAAAAGCDiouZXhhbXBsZS50ZXN0
        MAoGCCqGSM49BAMCA0kAMEYCIQCwdmyLBFm72lA58SHz8SBFoSBTgrY7sNeiaYYl
        cTxL2AIhAMQ48vY2H5M/NDEy7dqUGnz9a4rjPRvTFCMxTTxG7u0i
        -----END CERTIFICATE-----

        """

    /// All the names; begins in 2098.
    static let notYetValid = """
        -----BEGIN CERTIFICATE-----
        MIICBjCCAaygAwIBAgIUPi7ddHYEJWeJ3Oun2T6BpD6bbmMwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAiGA8yMDk4MDEwMTAw
        MDAwMFoYDzIwOTkwMTAxMDAwMDAwWjAXMRUwEwYDVQQDDAxsZWFmLmludmFsaWQw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS6R1rqO9/7gGrp0gJ2wEryfYKs+ZBc
        /YYXWC3HPNN3WlBMz/BBV5CTDlRrtUv3bI3HLTwYS0f6qK+2KI/iQ/tqo4HHMIHE
        MAwGA1UdEwEB/wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFP2M
        EgYKyWEOwCzSAg0ouCf3DH1wMB8GA1UdIwQYMBaAFE2tJmPYEg6P8RIJZ9Vj9zfu
        cLDZMF8GA1UdEQRYMFaCEHd3dy5leGFtcGxlLnRlc3SCGnhuLS1iY2hlci1rdmEu
        ZXhhbXBsZS50ZXN0hwR/AAABhxAAAAAAAAAAAAAAAAAAAAABgg4qLmV4YW1wbGUu
        dGVzdDAKBggqhkjOPQQDAgNIADBFAiBkMWXYODyrz+9IXGVjyUegFR54tgShCU/j
        J1weR+a4+wIhAPzFgg+pSe40ZStJeE3hy3TxzPrPAYxbjOKNkF6F5j62
        -----END CERTIFICATE-----

        """

    /// All the names; its extended key usage is client authentication.
    static let clientOnly = """
        -----BEGIN CERTIFICATE-----
        MIICAzCCAaigAwIBAgIUbCNq+EtkvQFvkaOOa8LzEBwHl1YwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgccwgcQwDAYD
        VR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDAjAdBgNVHQ4EFgQU/YwSBgrJ
        YQ7ALNICDSi4J/cMfXAwHwYDVR0jBBgwFoAUTa0mY9gSDo/xEgln1WP3N+5wsNkw
        XwYDVR0RBFgwVoIQd3d3LmV4YW1wbGUudGVzdIIaeG4tLWJjaGVyLWt2YS5leGFt
        cGxlLnRlc3SHBH8AAAGHEAAAAAAAAAAAAAAAAAAAAAGCDiouZXhhbXBsZS50ZXN0
        MAoGCCqGSM49BAMCA0kAMEYCIQCsLYCuZJri8cOPKw5O8Tclyjcc7m1rmQXi4NPk
        G313DgIhANhAixlCB20s8XGSmCMXpbU1wwXQXQXKdvlcNfBegv9c
        -----END CERTIFICATE-----

        """

    /// All the names, signed with its own key.
    static let selfSigned = """
        -----BEGIN CERTIFICATE-----
        MIIB1jCCAX2gAwIBAgIUKWsjR/Me/rx81Y32ebUTqttybmQwCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMbGVhZi5pbnZhbGlkMB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIz
        MTAwMDAwMFowFzEVMBMGA1UEAwwMbGVhZi5pbnZhbGlkMFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAEukda6jvf+4Bq6dICdsBK8n2CrPmQXP2GF1gtxzzTd1pQTM/w
        QVeQkw5Ua7VL92yNxy08GEtH+qivtiiP4kP7aqOBpjCBozAMBgNVHRMBAf8EAjAA
        MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBT9jBIGCslhDsAs0gINKLgn
        9wx9cDBfBgNVHREEWDBWghB3d3cuZXhhbXBsZS50ZXN0ghp4bi0tYmNoZXIta3Zh
        LmV4YW1wbGUudGVzdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAAYIOKi5leGFtcGxl
        LnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgO6KaxFzb81PpJhasZKrxU88mV2Ni7YYO
        Y66AvWE6Ax0CIHO6GuD9ylLrpMz5peCJ1bi095i0VO5oqDJQuUDTLobX
        -----END CERTIFICATE-----

        """

    /// All the names, from an authority that nobody trusts.
    static let stranger = """
        -----BEGIN CERTIFICATE-----
        MIICAzCCAamgAwIBAgIUXGi89oMG/fPIGXfq3jRmfKdCQ3owCgYIKoZIzj0EAwIw
        IjEgMB4GA1UEAwwXcG9vbHRvcCBvdGhlciBhdXRob3JpdHkwHhcNMjAwMTAxMDAw
        MDAwWhcNNDkxMjMxMDAwMDAwWjAXMRUwEwYDVQQDDAxsZWFmLmludmFsaWQwWTAT
        BgcqhkjOPQIBBggqhkjOPQMBBwNCAAS6R1rqO9/7gGrp0gJ2wEryfYKs+ZBc/YYX
        WC3HPNN3WlBMz/BBV5CTDlRrtUv3bI3HLTwYS0f6qK+2KI/iQ/tqo4HHMIHEMAwG
        A1UdEwEB/wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFP2MEgYK
        yWEOwCzSAg0ouCf3DH1wMB8GA1UdIwQYMBaAFP/w2aStXMlQmtj5MrqIqlPmTmFL
        MF8GA1UdEQRYMFaCEHd3dy5leGFtcGxlLnRlc3SCGnhuLS1iY2hlci1rdmEuZXhh
        bXBsZS50ZXN0hwR/AAABhxAAAAAAAAAAAAAAAAAAAAABgg4qLmV4YW1wbGUudGVz
        dDAKBggqhkjOPQQDAgNIADBFAiEAo/ZbdxrVP1KkBYA0pXJWrURSgTPN4TXXc6OG
        CQWTgp8CIAVlyDgat0qpWNVbOQisCXrV1GcIEXJ7uKDN9qgXhOcG
        -----END CERTIFICATE-----

        """

    /// DNS names that no client may match: `w*.example.test`, `*ww.example.test`, `*.test`, `*.*.example.test`, `www.*.test`,
    /// `*`, `xn--*.example.test` and `127.0.0.1`.
    static let oddWildcards = """
        -----BEGIN CERTIFICATE-----
        MIICFjCCAb2gAwIBAgIUUyxV3dT6f05Bir/BX9qD4Uv78ncwCgYIKoZIzj0EAwIw
        ITEfMB0GA1UEAwwWcG9vbHRvcCB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAw
        MDBaFw00OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDGxlYWYuaW52YWxpZDBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABLpHWuo73/uAaunSAnbASvJ9gqz5kFz9hhdY
        Lcc803daUEzP8EFXkJMOVGu1S/dsjcctPBhLR/qor7Yoj+JD+2qjgdwwgdkwDAYD
        VR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU/YwSBgrJ
        YQ7ALNICDSi4J/cMfXAwHwYDVR0jBBgwFoAUTa0mY9gSDo/xEgln1WP3N+5wsNkw
        dAYDVR0RBG0wa4IPdyouZXhhbXBsZS50ZXN0ghAqd3cuZXhhbXBsZS50ZXN0ggYq
        LnRlc3SCECouKi5leGFtcGxlLnRlc3SCCnd3dy4qLnRlc3SCASqCEnhuLS0qLmV4
        YW1wbGUudGVzdIIJMTI3LjAuMC4xMAoGCCqGSM49BAMCA0cAMEQCICV3uOGAESpa
        dzeDM+7veUxHdHkvWisFyOx6anSwYZ1qAiA4hqoyVfL0KdJ1XIfvhpTGqGGDBsEm
        Zu1sN4Dp+9aOkw==
        -----END CERTIFICATE-----

        """

    /// The key of every certificate but the authority's.
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjEBsTJXS+EwnUpp0
        8DILqUiplrSWHdV8TVBgal6ZJVKhRANCAAS6R1rqO9/7gGrp0gJ2wEryfYKs+ZBc
        /YYXWC3HPNN3WlBMz/BBV5CTDlRrtUv3bI3HLTwYS0f6qK+2KI/iQ/tq
        -----END PRIVATE KEY-----

        """
}
