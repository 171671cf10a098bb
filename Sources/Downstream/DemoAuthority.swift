/// The demo certificate authority and the only certificates that it ever issued, for the bundled HTTPS downstreams, and
/// one certificate that signed itself.
///
/// **Trust it for pooltop only.** The private key of the certificates is published right here. That is harmless because
/// they name nothing but `*.pooltop.test` (a reserved top-level domain, RFC 6761) and `localhost`. The authority cannot
/// issue another certificate: its own key was destroyed after signing, and critical name constraints limit it to
/// `pooltop.test`, `localhost` and 127.0.0.0/8. P-256, valid from 2020 to the end of 2049 unless a comment says otherwise.
///
/// The certificates deliberately name no address: BoringSSL refuses a chain with address constraints if the leaf has an
/// address.
package enum DemoAuthority {
    package static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIB8DCCAZagAwIBAgIUF6C0QuevfC7CvQvdNaIZDVuWuEQwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowODEfMB0G
        A1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9vbHRvcC50
        ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOkmpazZ1ntKHDuBc2+CS4XcU
        fT+6cJUtEZUdb3Sahtw9vTerCWBZo3ZxkwjvTaUd5nnv8nGK8A+fcBr+EmUfHKN+
        MHwwEgYDVR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYE
        FK4Ez4bGqfAaaEsXvpXixWYgAB8EMDcGA1UdHgEB/wQtMCugKTAOggxwb29sdG9w
        LnRlc3QwC4IJbG9jYWxob3N0MAqHCH8AAAD/AAAAMAoGCCqGSM49BAMCA0gAMEUC
        IBls0vlUezQ+Ef/oQCvXLVRTvrF95mRT8bUgc7uJ20SyAiEAiZSR8DbxCL/ma1da
        szaDVPscAoVTfrZ8r2SZuljv4xc=
        -----END CERTIFICATE-----

        """

    /// Names `pooltop.test`, `*.pooltop.test` and `localhost`.
    static let leafCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIICBTCCAaugAwIBAgIUSWpADp/or8tTZBSCc9XMly9kHaAwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowIDEeMBwG
        A1UEAwwVcGF5bWVudHMucG9vbHRvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAE+CxkMLTvp0ZrIwA/AD/AyhhWR8BrqPBSUvl7xgVD4hZTUeqn5IbMMwz1
        VY1V0+HU4qGeS198RKTq8Jdn0g8g/6OBqjCBpzAMBgNVHRMBAf8EAjAAMA4GA1Ud
        DwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUsq/2e9Lj
        +CE1L1tN6c+2zCGe6+YwHwYDVR0jBBgwFoAUrgTPhsap8BpoSxe+leLFZiAAHwQw
        MgYDVR0RBCswKYIMcG9vbHRvcC50ZXN0gg4qLnBvb2x0b3AudGVzdIIJbG9jYWxo
        b3N0MAoGCCqGSM49BAMCA0gAMEUCIQDsu8I1kDAOZ5LjAdpas/9Y3xntlpec6m7R
        p6gfpuUQhQIgbh8rD5vDjh+zqvNufmY1yjVEgzjFTdbXQOSGB37Fauw=
        -----END CERTIFICATE-----

        """

    /// Has the same names; valid in the year 2020 only.
    static let expiredCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIICAzCCAaqgAwIBAgIUVFDzIoh/P6AiFEUTDampBlEQhKIwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowHzEdMBsG
        A1UEAwwUZXhwaXJlZC5wb29sdG9wLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMB
        BwNCAAT4LGQwtO+nRmsjAD8AP8DKGFZHwGuo8FJS+XvGBUPiFlNR6qfkhswzDPVV
        jVXT4dTioZ5LX3xEpOrwl2fSDyD/o4GqMIGnMAwGA1UdEwEB/wQCMAAwDgYDVR0P
        AQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBSyr/Z70uP4
        ITUvW03pz7bMIZ7r5jAfBgNVHSMEGDAWgBSuBM+GxqnwGmhLF76V4sVmIAAfBDAy
        BgNVHREEKzApggxwb29sdG9wLnRlc3SCDioucG9vbHRvcC50ZXN0gglsb2NhbGhv
        c3QwCgYIKoZIzj0EAwIDRwAwRAIgaPqkOSTPcw4ARqeEein2AU/7IRkQcgf2w0AN
        2p5IxFgCIHW4scR0Q8pudBYfTWuEKRvHRdOTZ7pkS2QV5tFwdzmw
        -----END CERTIFICATE-----

        """

    /// Names only `elsewhere.pooltop.test`.
    static let otherNameCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIB9TCCAZugAwIBAgIUYeMACybw1amNKq+MX4kJv04eaOcwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowITEfMB0G
        A1UEAwwWZWxzZXdoZXJlLnBvb2x0b3AudGVzdDBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABPgsZDC076dGayMAPwA/wMoYVkfAa6jwUlL5e8YFQ+IWU1Hqp+SGzDMM
        9VWNVdPh1OKhnktffESk6vCXZ9IPIP+jgZkwgZYwDAYDVR0TAQH/BAIwADAOBgNV
        HQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFLKv9nvS
        4/ghNS9bTenPtswhnuvmMB8GA1UdIwQYMBaAFK4Ez4bGqfAaaEsXvpXixWYgAB8E
        MCEGA1UdEQQaMBiCFmVsc2V3aGVyZS5wb29sdG9wLnRlc3QwCgYIKoZIzj0EAwID
        SAAwRQIgXnBUp92XBpVN18ivVwiT5slWz4HGhqBksRkcuxTNF9cCIQDt9phj/s3e
        q+7zaGoPRMyNKe27VvMDiz+CN6mIKRljzg==
        -----END CERTIFICATE-----

        """

    /// Names `*.pooltop.test` and is signed with its own key. It is not an authority, so it cannot sign anything else.
    static let selfSignedCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIBpzCCAU2gAwIBAgIUK9Z8Q+jy5TGE57z6w+a+GgVS8tIwCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYc2VsZi1zaWduZWQucG9vbHRvcC50ZXN0MB4XDTIwMDEwMTAw
        MDAwMFoXDTQ5MTIzMTIzNTk1OVowIzEhMB8GA1UEAwwYc2VsZi1zaWduZWQucG9v
        bHRvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+CxkMLTvp0ZrIwA/
        AD/AyhhWR8BrqPBSUvl7xgVD4hZTUeqn5IbMMwz1VY1V0+HU4qGeS198RKTq8Jdn
        0g8g/6NfMF0wHQYDVR0OBBYEFLKv9nvS4/ghNS9bTenPtswhnuvmMAwGA1UdEwEB
        /wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGQYDVR0RBBIwEIIOKi5wb29sdG9w
        LnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIhAL8781KDTvVVCAlslIC3gsiitOjiOGrD
        SeGuilMt1R1ZAiACrGHiyjWZuzJm8av8/NkcjJuRI4JvZNMhHJkqMXBtdw==
        -----END CERTIFICATE-----

        """

    /// The private key of all certificates except the authority's.
    static let leafKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyYmAnyYha66rtGfN
        l26RO6tBaEqEOLBgbBpe+VnwWqWhRANCAAT4LGQwtO+nRmsjAD8AP8DKGFZHwGuo
        8FJS+XvGBUPiFlNR6qfkhswzDPVVjVXT4dTioZ5LX3xEpOrwl2fSDyD/
        -----END PRIVATE KEY-----

        """
}

extension DemoAuthority {
    static func leafCertificatePEM(_ certificate: Scenario.Certificate) -> String {
        switch certificate {
        // An absent certificate is never requested.
        case .trusted, .absent: leafCertificatePEM
        case .selfSigned: selfSignedCertificatePEM
        case .otherName: otherNameCertificatePEM
        case .expired: expiredCertificatePEM
        }
    }
}
