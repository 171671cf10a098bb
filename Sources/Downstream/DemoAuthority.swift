/// The demo certificate authority and the only certificate that it ever issued, for the bundled HTTPS downstreams.
///
/// **Trust it for pooltop only.** The private key of the leaf is published right here. That is harmless because the
/// leaf names nothing but `*.pooltop.test` (a reserved top-level domain, RFC 6761) and `localhost`. The authority
/// cannot issue another certificate: its own key was destroyed after signing, and critical name constraints limit it to
/// `pooltop.test`, `localhost` and 127.0.0.0/8. P-256, valid from 2020 to the end of 2049.
///
/// The leaf deliberately names no address: BoringSSL refuses a chain with address constraints if the leaf has an
/// address.
package enum DemoAuthority {
    package static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIB8DCCAZagAwIBAgIUaMysJ4UZNajUVEXmNDHWn6/TM4AwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowODEfMB0G
        A1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9vbHRvcC50
        ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEujdaQvavnseaMDCwPePPTAX
        WD2i/e9w/3pwNBwLW+XmDDnbwH1AAB1UCTAJO7FQfO3NkiYQpUi4O9amFvhEYqN+
        MHwwEgYDVR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYE
        FMriez5kLNjVhDn8n8Wk4hbI0GkkMDcGA1UdHgEB/wQtMCugKTAOggxwb29sdG9w
        LnRlc3QwC4IJbG9jYWxob3N0MAqHCH8AAAD/AAAAMAoGCCqGSM49BAMCA0gAMEUC
        IQCATAVc15uPlBV7kjAZ+wvpSbMD2OSQRLNpJK94OvcHqQIgSu7IJPBP1/Z841jn
        WCjaJO7+dh1NSfSwnn0ukJAuRBw=
        -----END CERTIFICATE-----

        """

    static let leafCertificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIICBjCCAaugAwIBAgIUQkN1+xKwuRCYDrbGWGuQJnlS+uIwCgYIKoZIzj0EAwIw
        ODEfMB0GA1UEAwwWcG9vbHRvcCBkZW1vIGF1dGhvcml0eTEVMBMGA1UECgwMcG9v
        bHRvcC50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowIDEeMBwG
        A1UEAwwVcGF5bWVudHMucG9vbHRvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEX331isFhvZA+i58fEiEIbBNojqXzTQzeoc2w8LpMoyesLUgLN9tGUGbm
        11IV08pSeLOz917+X78YJeIlLfjYG6OBqjCBpzAMBgNVHRMBAf8EAjAAMA4GA1Ud
        DwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUwGzSxXM9
        qdOC7MyMHqChBeg8eUcwHwYDVR0jBBgwFoAUyuJ7PmQs2NWEOfyfxaTiFsjQaSQw
        MgYDVR0RBCswKYIMcG9vbHRvcC50ZXN0gg4qLnBvb2x0b3AudGVzdIIJbG9jYWxo
        b3N0MAoGCCqGSM49BAMCA0kAMEYCIQCQ5HYxQWKxYrnilA2lMWCxJOZjsh3LJnmg
        xfUNFCE0jAIhAI0RaMkAiqC1MfvGD47bTnc2brbCOQqWziM1xL/2FRCt
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
