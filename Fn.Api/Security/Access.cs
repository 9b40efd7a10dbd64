namespace Fn.Api.Security;

/// <summary>Who a path is for.</summary>
internal enum Access
{
    /// <summary>Needs a management token. What no other rule names.</summary>
    Manage,

    /// <summary>Needs a management or an invocation token.</summary>
    Invoke,

    /// <summary>Needs none.</summary>
    Anyone,
}
