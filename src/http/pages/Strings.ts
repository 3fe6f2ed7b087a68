/**
 * Every sentence that people are shown, in one place: another language is one more object of the same type.
 *
 * Plain language; says what happened and what to do. A name or value is never written here: the pages put it in.
 */
const en = {
  /** The language of all this, as pages declare it (BCP 47). */
  language: "en",
  faultTitle: (title: string) => `Error: ${title}`,
  unavailable: "The server cannot do this at the moment. Try again in a little while.",
  notAtHome: (issuer: string) => `This page is served at ${issuer} only.`,
  form: {
    foreign: "This form was not sent from a page of this server.",
    stale: "This page is out of date. Go back to where you came from, and try again.",
    tooEarly: "That came before this page can have been read, so nothing was done. Read it, and press again.",
  },
  home: {
    title: "Authorization server",
    whatItIs: "Apps ask here for access to what is yours, and you decide. It speaks OAuth 2.1.",
    issuer: "Issuer",
    metadata: "Metadata, for programs",
    account: "What you have connected, and where you are signed in",
  },
  message: {
    title: "This cannot be done",
    back: "Back to the application",
    clientFault:
      "The application asks in a way that cannot be answered. Go back to it, and tell its makers if that happens again.",
    detail: "What is wrong with it:",
    leadsTo: (destination: string) => `This link leads to ${destination}.`,
  },
  login: {
    title: "Sign in",
    name: "Name",
    password: "Password",
    submit: "Sign in",
    anew: "You are signed in already. Other programs on this computer could use that, so every app takes your password.",
    unavailable:
      "Nobody can sign in here: the provider behind this server has no login. For development, start it with --auto-approve NAME on a loopback issuer, and use a loopback redirect URI.",
    upstreamRefused: "Signing in did not work over there. Go back, and try again.",
    upstreamUnusable: "You are known over there by a name that cannot be used here. Tell the operator of this server.",
    wrong: "Name or password is wrong.",
    busy: "Many people sign in at the moment. Try again in a second.",
    tooMany: "That was tried too often. Wait a minute, and try again.",
    changed: "Something about this account was changed while you signed in. Sign in again.",
  },
  scopes: {
    none: "Nothing in particular: it only learns that you allowed it.",
    undescribed: "use",
  },
  consent: {
    title: "Allow access?",
    callsItself: "An app that calls itself",
    unchecked:
      "asks for access to your account. It registered itself, and nobody has checked its name: allow this only if you have just started it yourself.",
    registeredByOperator:
      "asks for access to your account. The operator of this server registered it: allow this only if you have just started it yourself.",
    wants: "It wants to",
    signedInAs: "You are signed in as",
    clientId: "Client id",
    answerGoes: "The answer goes to",
    resource: "For use with",
    allow: "Allow",
    deny: "Deny",
    switchAccount: "Use another account",
    toThisComputer: (host: string) => `a program on this computer (${host})`,
    toSite: (host: string) => `the site ${host}`,
    toApp: (scheme: string) => `the app that opens ${scheme} links`,
    unreadable:
      "This request was begun in another browser, or is damaged. Go back to the application, and start again.",
    expired: "This request has expired. Go back to the application, and start again.",
    answered: "This request was answered already. To connect anew, go back to the application, and start again.",
    clientUnknown: "The application is not known here any more.",
    clientChanged: "The application has changed while you were asked. Go back to it, and start again.",
    signedOut:
      "You have been signed out, or signed in as somebody else, since this page was shown. Go back, and try again.",
    noDecision: "Choose whether to allow or to deny.",
  },
  account: {
    title: "Your account",
    signedInAs: "Signed in as",
    shared:
      "Other programs on this computer can see this page and disconnect apps while you are signed in. To allow an app they would need your password.",
    apps: "Connected apps",
    noApps: "No app is connected.",
    noAppsHere: "No app that is connected is on this page.",
    olderLeftOut: "Apps that were connected earlier are not on this page.",
    olderApps: "Show earlier ones",
    newestApps: "Show the latest",
    may: "It may",
    since: "Connected",
    until: "At most until",
    renewed: "Last renewed",
    notRenewed: "not yet",
    revoke: "Disconnect",
    revokeOf: (app: string) => `Disconnect ${app}`,
    revokeAll: "Disconnect all apps",
    sessions: "Where you are signed in",
    signedInSince: "Since",
    thisBrowser: "This browser",
    endSession: "Sign out there",
    endSessionSince: (moment: string) => `Sign out there, where you signed in on ${moment}`,
    signOut: "Sign out",
    signOutEverywhere: "Sign out everywhere",
    password: "Password",
    presentPassword: "Present password",
    newPassword: (minCharacters: number) => `New password, at least ${minCharacters} characters`,
    repeatPassword: "New password again",
    changePassword: "Change the password",
    savePassword: "Change password",
    noAction: "That is not something this page does.",
    passwordTooShort: "The new password is too short.",
    passwordsDiffer: "The new password was not repeated the same.",
    passwordWrong: "The present password is wrong.",
    passwordChanged: "The password was changed. Other browsers have been signed out.",
  },
}

export type Strings = Readonly<typeof en>

export const strings: Strings = en
