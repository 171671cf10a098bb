/// The demo certificate authority and the one certificate it ever issued, for the bundled HTTPS downstreams.
///
/// **Trust it for pooltop only.** The private key of the leaf is published right here. That is harmless because the
/// leaf names nothing but `*.pooltop.test` (a reserved top-level domain, RFC 6761) and loopback; and the authority,
/// whose own key was thrown away after signing, is constrained to the same names (critical name constraints), so that
/// trusting it, even by mistake and for ever, vouches for no other host. P-256, valid from 2020 to the end of 2049.
package enum DemoAuthority {
    package static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIB8TCCAZagAwIBAgIUHxe4eI/CWWw4TOYytsSDMZY69tIwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowODEfMB0G
        A1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9vbHRvcC50
        ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9pWjdZkSvZPX+JaY9shh8Hk3
        Js7XAR3QyHIdOr2aCJOM+t2ALZq4W1o721HubZnFV6qQeEd3hAqpS4obqLAlKaN+
        MHwwEgYDVR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYE
        FLcGvCPDmR6SnjP78LNBHtttfMa0MDcGA1UdHgEB/wQtMCugKTAOggxwb29sdG9w
        LnRlc3QwC4IJbG9jYWxob3N0MAqHCH8AAAD/AAAAMAoGCCqGSM49BAMCA0kAMEYC
        IQD2YCi90cJ8n354DNNuTrFfupZ+pywk7qK4mteg8bolEQIhAJQc4QPjfxlXNRlw
        1r1CScMlzY5VRDWJYphYvTFVj10C
        -----END CERTIFICATE-----

        """

    static let leafCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIICFjCCAb2gAwIBAgIUIZ2V0vEUI5i4Ve0kOvdo6VmHwsgwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowIDEeMBwG
        A1UEAwwVcGF5bWVudHMucG9vbHRvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEX331isFhvZA+i58fEiEIbBNojqXzTQzeoc2w8LpMoyesLUgLN9tGUGbm
        11IV08pSeLOz917+X78YJeIlLfjYG6OBvDCBuTAMBgNVHRMBAf8EAjAAMA4GA1Ud
        DwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUwGzSxXM9
        qdOC7MyMHqChBeg8eUcwHwYDVR0jBBgwFoAUtwa8I8OZHpKeM/vws0Ee2218xrQw
        RAYDVR0RBD0wO4IMcG9vbHRvcC50ZXN0gg4qLnBvb2x0b3AudGVzdIIJbG9jYWxo
        b3N0hwR/AAABhwR/AAAChwR/AAADMAoGCCqGSM49BAMCA0cAMEQCIGxdOUDtTM8V
        XJGnZk7aisBqWoyBuGeprpXEzot/nukwAiAo7/rr/soCuMEs4TPm5aVkW6zl54fk
        1ls2bpxgU845zA==
        -----END CERTIFICATE-----

        """

    static let leafKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg94pAig/iUzy2GGVr
        rZ1SsAG19ikPJ2d2yoM/CWEXZ+2hRANCAARfffWKwWG9kD6Lnx8SIQhsE2iOpfNN
        DN6hzbDwukyjJ6wtSAs320ZQZubXUhXTylJ4s7P3Xv5fvxgl4iUt+Ngb
        -----END PRIVATE KEY-----

        """
}
