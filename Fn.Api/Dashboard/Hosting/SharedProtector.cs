using System.Security.Cryptography;
using System.Text;
using Fn.ServiceDefaults.Cluster;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Fn.Api.Dashboard.Hosting;

/// <summary>
/// Seals what a page carries for the server (which components it shows), by a key that is derived from what the gateways of a cluster share: its key, else
/// the tokens. So a page of one gateway may open its connection to another. A gateway alone has a key of its own for as long as it runs.
/// </summary>
internal sealed class SharedProtector : IDataProtector
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _key;

    public SharedProtector(IOptions<ClusterOptions> cluster, IOptions<ApiOptions> api)
    {
        var shared = cluster.Value.Key is { Length: > 0 } key ? [key] : api.Value.Tokens;
        _key = shared.Count == 0
            ? RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes)
            : HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(string.Join('\n', shared)), SHA256.HashSizeInBytes, info: "fn dashboard pages"u8.ToArray());
    }

    private SharedProtector(byte[] key) => _key = key;

    public IDataProtector CreateProtector(string purpose) =>
        new SharedProtector(HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, SHA256.HashSizeInBytes, info: Encoding.UTF8.GetBytes(purpose)));

    public byte[] Protect(byte[] plaintext)
    {
        var sealedText = new byte[NonceSize + TagSize + plaintext.Length];
        var nonce = sealedText.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagSize);
        cipher.Encrypt(nonce, plaintext, sealedText.AsSpan(NonceSize + TagSize), sealedText.AsSpan(NonceSize, TagSize));
        return sealedText;
    }

    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < NonceSize + TagSize)
            throw new CryptographicException("The sealed text is too short.");
        var plaintext = new byte[protectedData.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(_key, TagSize);
        cipher.Decrypt(protectedData.AsSpan(0, NonceSize), protectedData.AsSpan(NonceSize + TagSize), protectedData.AsSpan(NonceSize, TagSize), plaintext);
        return plaintext;
    }
}
